// Clients that are not ours and not kubectl: the official Python client and curl.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';
import type { TestCluster } from '../support/cluster.ts';
import { enter } from '../support/lan.ts';
import { run } from '../support/shell.ts';

const PYTHON_CLIENT = resolve(import.meta.dirname, '../support/python-client.py');
const NAMESPACE = 'python';

/** The suite. */
export function otherClients(of: () => TestCluster): void {
  describe('the Python client', () => {
    const seen = new Map<string, Record<string, unknown>>();
    const step = (name: string): Record<string, unknown> => {
      const { step: _, ...rest } =
        seen.get(name) ?? assert.fail(`the client did not come to ${name}: it did ${[...seen.keys()].join(', ')}`);
      return rest;
    };

    test('works through its list', async () => {
      const { server } = of();
      const [program = '', ...words] = [
        ...enter(server.machine.netns),
        '/usr/bin/python3',
        PYTHON_CLIENT,
        server.kubeconfig,
        NAMESPACE,
        TEST_IMAGE,
      ];
      const { code, stdout, stderr } = await run(program, words, { timeoutMs: 120_000 });
      for (const line of stdout.split('\n').filter(Boolean)) {
        const told = JSON.parse(line) as Record<string, unknown> & { step: string };
        seen.set(told.step, told);
      }
      assert.equal(code, 0, stderr.slice(-2000));
      assert.ok(seen.has('done'));
    });

    test('sees the version, the node and its pods, their logs and what runs in them', () => {
      assert.match(String(step('version')['git']), /^v1\.36\./);
      assert.deepEqual(step('nodes'), { names: ['node1'] });
      assert.deepEqual(step('scale'), { replicas: 2 });
      assert.deepEqual(step('watch'), { ready: 2 });
      assert.deepEqual(step('log'), { text: 'hello from python' });
      assert.deepEqual(step('exec'), { lines: ['err', 'out'] });
    });

    test('pages through a list and reads the reason of a failure', () => {
      assert.deepEqual(step('pages'), { count: 4 }); // The three it made, and the root certificate.
      assert.deepEqual(step('conflict'), { status: 409, reason: 'AlreadyExists' });
    });

    test('defines a resource of its own, whose objects are pruned, validated and found by discovery', () => {
      assert.deepEqual(step('custom'), { spec: { size: 3 } });
      const { status, message } = step('invalid');
      assert.equal(status, 422);
      assert.match(String(message), /spec\.size: Invalid value: 10: spec\.size in body should be less than or equal to 9/);
      assert.deepEqual(step('dynamic'), { names: ['g'] });
    });
  });

  describe('curl', () => {
    test('reads with a certificate, is told apart without one, and is sent indented JSON', async () => {
      const { kubectl, server, url } = of();
      const files = ['certificate-authority', 'client-certificate', 'client-key'];
      const config = await kubectl.json<{ clusters: { cluster: object }[]; users: { user: object }[] }>(['config', 'view', '--raw']);
      const data = { ...config.clusters[0]?.cluster, ...config.users[0]?.user } as Record<string, string>;
      for (const name of files) writeFileSync(join(server.root, name), Buffer.from(data[`${name}-data`] ?? '', 'base64'), { mode: 0o600 });
      const curl = async (path: string, ...flags: string[]): Promise<string> => {
        const words = ['curl', '-sS', '--cacert', join(server.root, 'certificate-authority'), ...flags, url + path];
        const [program = '', ...rest] = [...enter(server.machine.netns), ...words];
        const { code, stdout, stderr } = await run(program, rest, { timeoutMs: 20_000 });
        assert.equal(code, 0, stderr);
        return stdout;
      };
      const admin = ['--cert', join(server.root, 'client-certificate'), '--key', join(server.root, 'client-key')];
      assert.match(await curl('/api/v1/namespaces/default', ...admin), /^\{\n {2}"kind": "Namespace",\n/);
      const refused = JSON.parse(await curl('/api/v1/namespaces/default')) as { code: number; message: string };
      assert.deepEqual(
        [refused.code, refused.message],
        [
          403,
          'namespaces "default" is forbidden: User "system:anonymous" cannot get resource "namespaces" in API group "" in the namespace "default"',
        ],
      );
      assert.match(await curl('/readyz'), /^ok/);
    });
  });
}
