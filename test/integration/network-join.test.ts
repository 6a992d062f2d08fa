// A node joins a real API server over TLS: pinned authority, certificates by request, a name that is its own, and what it does when
// the server is away.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { NodeMembership } from '../../src/agent/join/node-membership.ts';
import { systemClock } from '../../src/base/clock.ts';
import { hasCode } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/log.ts';
import { createAuthority } from '../../src/base/x509.ts';
import { HttpClient, type HttpClientOptions } from '../../src/client/http-client.ts';
import { formatJoinToken } from '../../src/client/join-token.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { NODES } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { type Authorizer, LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { authenticatorUnion } from '../../src/server/auth/authenticator-union.ts';
import { ClientCertificateAuthenticator } from '../../src/server/auth/client-certificate-authenticator.ts';
import type { Exchange } from '../../src/server/http/exchange.ts';
import type { Route } from '../../src/server/http/routes.ts';
import { certificateController } from '../../src/server/join/certificate-controller.ts';
import { joinRoutes } from '../../src/server/join/join-routes.ts';
import { NodeBootstrapTokens } from '../../src/server/join/node-bootstrap-tokens.ts';
import { authorityProfile } from '../../src/server/pki/certificate-plan.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { OTHER_CA, TEST_CA } from '../support/test-certificates.ts';

const PASSWORD = 'node-password-of-the-cluster';

/** Nodes and joining nodes may ask for certificates; nodes may read nodes. */
const rules: Authorizer = {
  authorize({ user, resource }) {
    const csr =
      resource?.resource === 'certificatesigningrequests' &&
      user.groups.some((g) => g === 'system:nodes' || g === 'system:bootstrappers:kts');
    const read = resource?.resource === 'nodes' && user.groups.includes('system:nodes');
    return { decision: csr || read ? 'allow' : 'none', reason: '' };
  },
};

suite('NodeMembership', () => {
  let dir = '';
  let api: TestServer;
  let informers: SharedInformerFactory;
  let controller: ReturnType<typeof certificateController>;
  const members: NodeMembership[] = [];
  const client = createAuthority(authorityProfile('client-ca', systemClock.now()));
  const serving = createAuthority(authorityProfile('server-ca', systemClock.now()));
  const token = formatJoinToken(TEST_CA, 'node', PASSWORD);

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kts-join-'));
    const tokens = new NodeBootstrapTokens({ clock: systemClock });
    const byCertificate = new ClientCertificateAuthenticator({ authorities: [client.certificate] }, { clock: systemClock });
    // The routes need a client of the server they are part of.
    const late = Promise.withResolvers<Route[]>();
    const lateRoute = (path: string, methods: string[]): Route => ({
      path,
      methods,
      open: true,
      handle: async (exchange: Exchange) => (await late.promise).find((r) => r.path === path)?.handle(exchange),
    });
    api = await startTestServer({
      authenticator: authenticatorUnion([tokens, byCertificate]),
      authorizer: rules,
      extraRoutes: [lateRoute('/cacerts', ['GET']), lateRoute('/v1-kts/join', ['POST'])],
    });
    const local = new LocalClient(api.server.backend, LOOPBACK_USER);
    const config = {
      clusterCidrs: ['10.42.0.0/16'],
      serviceCidrs: ['10.43.0.0/16'],
      clusterDns: '10.43.0.10',
      clusterDomain: 'cluster.local',
      backend: 'vxlan' as const,
      clientCa: client.certificate,
    };
    const secrets = { server: 'server-password-of-the-cluster', node: PASSWORD };
    late.resolve(joinRoutes({ serverCa: TEST_CA, secrets, config, tokens, client: local, log: silentLogger }));
    informers = new SharedInformerFactory({ client: local, clock: systemClock, log: silentLogger });
    controller = certificateController({
      client: local,
      informers,
      clock: systemClock,
      log: silentLogger,
      authorizer: rules,
      clientAuthority: client,
      serverAuthority: serving,
      serverNames: ['127.0.0.1'],
      localNode: undefined,
    });
    await controller.start();
  });

  after(async () => {
    for (const member of members) await member.stop();
    await controller.stop();
    await informers.stop();
    await api.stop();
    await rm(dir, { recursive: true });
  });

  const member = (directory: string, options: Partial<ConstructorParameters<typeof NodeMembership>[0]> = {}): NodeMembership => {
    const newClient = (clientOptions: HttpClientOptions) => new HttpClient(clientOptions, { clock: systemClock });
    const made = new NodeMembership(
      { server: api.url, token, nodeName: 'n1', nodeIps: ['192.0.2.1'], directory: join(dir, directory), ...options },
      { clock: systemClock, log: silentLogger, newClient },
    );
    members.push(made);
    return made;
  };

  test('joins with a token: certificates, configuration, and the API as that node', async () => {
    const node = member('n1');
    await node.start();
    assert.equal(node.config.clusterDns, '10.43.0.10');
    assert.equal(node.authority, TEST_CA);
    assert.deepEqual((await node.client.list(NODES)).items, []);
    const shown = new X509Certificate(node.pair('serving-kubelet').certificate);
    assert.match(shown.subject, /O=system:nodes\nCN=system:node:n1/);
    assert.match(shown.subjectAltName ?? '', /DNS:n1, IP Address:192\.0\.2\.1/);
    for (const file of ['client-kubelet.key', 'serving-kubelet.crt', 'node-password', 'server-ca.crt']) {
      assert.equal((await stat(join(dir, 'n1', file))).mode & 0o777, 0o600, file);
    }
  });

  test('starts again without the server, with what it has', async () => {
    const before = member('n1');
    await before.start();
    const again = member('n1', { server: 'https://127.0.0.1:1' });
    await again.start();
    assert.deepEqual(again.pair('client-kubelet'), before.pair('client-kubelet'));
    assert.deepEqual(again.config, before.config);
  });

  test('gets another serving certificate when its address changed, and keeps the client certificate', async () => {
    const before = member('n1');
    await before.start();
    const moved = member('n1', { nodeIps: ['192.0.2.77'] });
    await moved.start();
    assert.match(new X509Certificate(moved.pair('serving-kubelet').certificate).subjectAltName ?? '', /192\.0\.2\.77/);
    assert.deepEqual(moved.pair('client-kubelet'), before.pair('client-kubelet'));
  });

  const refused: [string, Parameters<typeof member>[1], string][] = [
    ['a server of another authority', { token: token.replace(/^K10..../, 'K100000') }, 'join-authority-mismatch'],
    ['a wrong password', { token: formatJoinToken(TEST_CA, 'node', 'wrong') }, 'join-refused'],
    ['a token of no form', { token: 'K10abc' }, 'join-token-invalid'],
  ];
  for (const [title, options, code] of refused) {
    test(`refuses ${title}: ${code}`, async () => {
      await assert.rejects(member(`bad-${code}`, { ...options, nodeName: 'bad' }).start(), (error) => hasCode(error, code));
    });
  }

  test('with a bare password trusts the first authority it sees and no other after that', async () => {
    const options = { token: PASSWORD, nodeName: 'short' };
    await member('short', options).start();
    await rm(join(dir, 'short/client-kubelet.crt'));
    await writeFile(join(dir, 'short/server-ca.crt'), OTHER_CA);
    await assert.rejects(member('short', options).start(), (error) => hasCode(error, 'join-authority-mismatch'));
  });

  test('keeps a name from another machine while its Node is there', async () => {
    const local = new LocalClient(api.server.backend, LOOPBACK_USER);
    await local.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} });
    await assert.rejects(
      member('thief').start(),
      (error) => hasCode(error, 'join-refused') && /another machine has this name/.test(String(error)),
    );
  });

  test('waits for a server that is away, and stops when told to', async () => {
    const waiting = member('waiting', { server: 'https://127.0.0.1:1', nodeName: 'w' });
    const starting = waiting.start();
    await systemClock.sleep(50);
    await waiting.stop();
    await assert.rejects(starting, (error) => error instanceof Error && error.name === 'AbortError');
  });
});
