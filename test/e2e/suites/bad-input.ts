// Bad input: each mistake gets upstream's code, reason and message, and the log of the server stays readable.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { generateKey, issueCertificate, publicKeyOf } from '../../../src/base/x509.ts';
import type { TestCluster } from '../support/cluster.ts';
import { enter } from '../support/lan.ts';
import { run } from '../support/shell.ts';

interface Answer {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** One request with curl as the admin, or as who the flags say. */
async function request(
  cluster: TestCluster,
  flags: readonly string[],
  path: string,
  identity: 'admin' | 'nobody' = 'admin',
): Promise<Answer> {
  const { server } = cluster;
  const files = { ca: 'certificate-authority-data', cert: 'client-certificate-data', key: 'client-key-data' };
  for (const [name, field] of Object.entries(files)) {
    const text = await cluster.kubectl.run(['config', 'view', '--raw', '-o', `jsonpath={..${field}}`]);
    writeFileSync(join(server.root, `${name}.pem`), Buffer.from(text, 'base64'));
  }
  const who = identity === 'admin' ? ['--cert', join(server.root, 'cert.pem'), '--key', join(server.root, 'key.pem')] : [];
  const words = [
    ...enter(server.machine.netns).slice(1),
    'curl',
    '-s',
    '-w',
    '\n%{http_code}',
    '--cacert',
    join(server.root, 'ca.pem'),
    ...who,
    ...flags,
    `https://127.0.0.1:6443${path}`,
  ];
  const { stdout } = await run('nsenter', words);
  const at = stdout.lastIndexOf('\n');
  const body = stdout.slice(0, at);
  const status = body.startsWith('{') ? (JSON.parse(body) as { reason?: string; message?: string }) : {};
  return { code: Number(stdout.slice(at + 1)), reason: status.reason ?? '', message: status.message ?? body };
}

const JSON_BODY = ['-H', 'Content-Type: application/json', '-X', 'POST', '--data-binary'];
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (metadata: object, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, ...more });

const CASES: { title: string; flags: string[]; path: string; code: number; reason: string; message: RegExp; identity?: 'nobody' }[] = [
  {
    title: 'malformed JSON',
    flags: [...JSON_BODY, '{"a":'],
    path: CONFIG_MAPS,
    code: 400,
    reason: 'BadRequest',
    message: /unexpected end of JSON input|unexpected EOF/,
  },
  {
    title: 'malformed protobuf',
    flags: ['-H', 'Content-Type: application/vnd.kubernetes.protobuf', '-X', 'POST', '--data-binary', 'k8s'],
    path: CONFIG_MAPS,
    code: 400,
    reason: 'BadRequest',
    message: /./,
  },
  {
    title: 'a wrong type',
    flags: [...JSON_BODY, '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":"two"}}'],
    path: '/apis/apps/v1/namespaces/default/deployments',
    code: 400,
    reason: 'BadRequest',
    message:
      /Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field .*replicas of type int32/,
  },
  {
    title: 'an unknown field under strict validation',
    flags: [...JSON_BODY, configMap({ name: 'x' }, { colour: 1 })],
    path: `${CONFIG_MAPS}?fieldValidation=Strict`,
    code: 400,
    reason: 'BadRequest',
    message: /strict decoding error: unknown field "colour"/,
  },
  {
    title: 'an invalid name',
    flags: [...JSON_BODY, configMap({ name: 'Big_Name' })],
    path: CONFIG_MAPS,
    code: 422,
    reason: 'Invalid',
    message: /ConfigMap "Big_Name" is invalid: metadata\.name: Invalid value: "Big_Name": a lowercase RFC 1123 subdomain must consist of/,
  },
  {
    title: 'an object of another kind',
    flags: [...JSON_BODY, '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}'],
    path: CONFIG_MAPS,
    code: 400,
    reason: 'BadRequest',
    message: /Secret in version "v1" cannot be handled as a ConfigMap: converting \(v1.Secret\) to \(core.ConfigMap\): unknown conversion/,
  },
  {
    title: 'an unknown resource',
    flags: [],
    path: '/api/v1/namespaces/default/widgets',
    code: 404,
    reason: 'NotFound',
    message: /the server could not find the requested resource/,
  },
  {
    title: 'an object that is not there',
    flags: [],
    path: `${CONFIG_MAPS}/none`,
    code: 404,
    reason: 'NotFound',
    message: /^configmaps "none" not found$/,
  },
  {
    title: 'a wrong content type',
    flags: ['-H', 'Content-Type: text/plain', '-X', 'POST', '--data-binary', 'x'],
    path: CONFIG_MAPS,
    code: 415,
    reason: 'UnsupportedMediaType',
    message:
      /the body of the request was in an unknown format - accepted media types include: application\/json, application\/yaml, application\/vnd\.kubernetes\.protobuf/,
  },
  {
    title: 'an answer nobody can give',
    flags: ['-H', 'Accept: image/png'],
    path: CONFIG_MAPS,
    code: 406,
    reason: 'NotAcceptable',
    message: /only the following media types are accepted: application\/json, application\/yaml, application\/vnd\.kubernetes\.protobuf/,
  },
  {
    title: 'a continue token that is none',
    flags: [],
    path: `${CONFIG_MAPS}?limit=1&continue=xyz`,
    code: 400,
    reason: 'BadRequest',
    message: /continue key is not valid/,
  },
  {
    title: 'a field selector nobody supports',
    flags: [],
    path: '/api/v1/pods?fieldSelector=spec.foo%3Dbar',
    code: 400,
    reason: 'BadRequest',
    message: /field label not supported: spec\.foo/,
  },
  {
    title: 'no credentials',
    flags: [],
    path: CONFIG_MAPS,
    code: 403,
    reason: 'Forbidden',
    message:
      /configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"/,
    identity: 'nobody',
  },
  {
    title: 'a token that is none',
    flags: ['-H', 'Authorization: Bearer nonsense'],
    path: CONFIG_MAPS,
    code: 401,
    reason: 'Unauthorized',
    message: /^Unauthorized$/,
    identity: 'nobody',
  },
];

/** The suite. */
export function badInput(of: () => TestCluster): void {
  describe('bad input', () => {
    for (const { title, flags, path, code, reason, message, identity } of CASES) {
      test(`${title} gets ${code} ${reason}`, async () => {
        const answer = await request(of(), flags, path, identity);
        assert.deepEqual([answer.code, answer.reason], [code, reason], answer.message);
        assert.match(answer.message, message);
      });
    }

    test('an object of 4 MB is too large', async () => {
      const cluster = of();
      const file = join(cluster.server.root, 'big.json');
      writeFileSync(file, configMap({ name: 'big' }, { data: { x: 'y'.repeat(4 << 20) } }));
      const answer = await request(cluster, [...JSON_BODY, `@${file}`], CONFIG_MAPS);
      assert.deepEqual([answer.code, answer.reason], [413, 'RequestEntityTooLarge'], answer.message);
      assert.match(answer.message, /Request entity too large: limit is 3145728/);
    });

    test('an immutable field does not change', async () => {
      const { kubectl } = of();
      await kubectl.run(['create', 'deployment', 'fixed', '--image=none', '--replicas=0']);
      const { stderr, code } = await kubectl.try([
        'patch',
        'deployment',
        'fixed',
        '--type=merge',
        '-p',
        '{"spec":{"selector":{"matchLabels":{"app":"other"}},"template":{"metadata":{"labels":{"app":"other"}}}}}',
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /The Deployment "fixed" is invalid: spec\.selector: Invalid value: .*: field is immutable/);
      await kubectl.run(['delete', 'deployment', 'fixed']);
    });

    test('kubectl names the unknown field of a manifest', async () => {
      const { stderr } = await of().kubectl.try(['apply', '-f', '-'], {
        input: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namme: y\ndata: {}\n',
      });
      assert.match(stderr, /strict decoding error: unknown field "metadata\.namme"/);
    });

    test('the token of a deleted service account is refused', async () => {
      const cluster = of();
      const { kubectl } = cluster;
      await kubectl.run(['create', 'serviceaccount', 'brief']);
      const token = (await kubectl.run(['create', 'token', 'brief'])).trim();
      const ask = (): Promise<Answer> => request(cluster, ['-H', `Authorization: Bearer ${token}`], CONFIG_MAPS, 'nobody');
      assert.match((await ask()).message, /User "system:serviceaccount:default:brief" cannot list/);
      await kubectl.run(['delete', 'serviceaccount', 'brief']);
      assert.deepEqual([(await ask()).code, (await ask()).reason], [401, 'Unauthorized']);
    });

    test('an expired client certificate is refused', async () => {
      const cluster = of();
      const { root, dataDir } = cluster.server;
      const read = (name: string): string => readFileSync(join(dataDir, 'server/tls', name), 'utf8');
      const authority = { certificate: read('client-ca.crt'), key: read('client-ca.key') };
      const [DAY, key] = [86_400_000, generateKey()];
      const profile = {
        subject: { commonName: 'jane', organizations: ['system:masters'] },
        notBefore: Date.now() - 2 * DAY,
        notAfter: Date.now() - DAY,
        usages: ['client'],
        keyUsages: ['digitalSignature'],
      } as const;
      writeFileSync(join(root, 'old.pem'), issueCertificate(profile, publicKeyOf(key), authority));
      writeFileSync(join(root, 'old-key.pem'), key);
      const answer = await request(cluster, ['--cert', join(root, 'old.pem'), '--key', join(root, 'old-key.pem')], CONFIG_MAPS, 'nobody');
      assert.deepEqual([answer.code, answer.reason], [401, 'Unauthorized'], answer.message);
    });

    test('the log has no stack trace', () => {
      assert.doesNotMatch(of().server.log, /^\s+at /m);
    });
  });
}
