// What a person types first: every output reads as on any cluster.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';

/** The suite. */
export function firstSteps(of: () => TestCluster): void {
  describe('first steps', () => {
    test('get nodes shows a Ready node with its version, roles and address', async () => {
      const { kubectl, server } = of();
      const [head = '', line = ''] = (await kubectl.run(['get', 'nodes', '-o', 'wide'])).split('\n');
      assert.match(
        head,
        /^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\s+INTERNAL-IP\s+EXTERNAL-IP\s+OS-IMAGE\s+KERNEL-VERSION\s+CONTAINER-RUNTIME$/,
      );
      assert.match(
        line,
        new RegExp(
          `^node1\\s+Ready\\s+control-plane\\S*\\s+\\S+\\s+v1\\.36\\.\\d+\\+kts\\S*\\s+${server.machine.address}\\s+<none>\\s+Debian.*containerd://`,
        ),
      );
    });

    test('version, cluster-info and api-versions answer', async () => {
      const { kubectl, url } = of();
      assert.match(await kubectl.run(['version']), /Server Version: v1\.36\.\d+\+kts/);
      assert.match(await kubectl.run(['api-versions']), /^apps\/v1$/m);
      assert.ok((await kubectl.run(['config', 'view'])).includes('server: https://'), url);
    });

    test('get all -A lists the Service of the API', async () => {
      assert.match(
        await of().kubectl.run(['get', 'all', '-A']),
        /default\s+service\/kubernetes\s+ClusterIP\s+10\.43\.0\.1\s+<none>\s+443\/TCP/,
      );
    });

    test('api-resources lists every GA resource with its short names', async () => {
      const lines = (await of().kubectl.run(['api-resources'])).split('\n');
      assert.ok(lines.length > 60, `${lines.length} lines`);
      assert.ok(lines.some((line) => /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/.test(line)));
      assert.ok(lines.some((line) => /^nodes\s+no\s+v1\s+false\s+Node$/.test(line)));
    });

    test('explain knows fields and their types', async () => {
      const text = await of().kubectl.run(['explain', 'deployment.spec.strategy']);
      assert.match(text, /GROUP:\s+apps/);
      assert.match(text, /FIELD: strategy <DeploymentStrategy>/);
      assert.match(text, /rollingUpdate\s+<RollingUpdateDeployment>/);
    });

    test('auth can-i --list shows what the admin may do', async () => {
      const { kubectl } = of();
      assert.match(await kubectl.run(['auth', 'can-i', '--list']), /\*\.\*\s+\[\]\s+\[\]\s+\[\*\]/);
      assert.equal((await kubectl.run(['auth', 'can-i', 'create', 'pods'])).trim(), 'yes');
      const other = await kubectl.try(['auth', 'can-i', 'create', 'pods', '--as', 'jane']);
      assert.deepEqual([other.stdout.trim(), other.code], ['no', 1]);
    });

    test('health, readiness and metrics answer', async () => {
      const { kubectl } = of();
      assert.equal(await kubectl.run(['get', '--raw', '/readyz']), 'ok');
      assert.match(await kubectl.run(['get', '--raw', '/livez?verbose']), /\[\+\]ping ok/);
      assert.match(await kubectl.run(['get', '--raw', '/metrics']), /^apiserver_request_total\{/m);
    });

    test('top says that metrics are not available', async () => {
      const { code, stderr } = await of().kubectl.try(['top', 'nodes']);
      assert.equal(code, 1);
      assert.match(stderr, /Metrics API not available/);
    });

    test('the default service account, its CA and the DNS Service are there', async () => {
      const { kubectl } = of();
      assert.match(await kubectl.run(['get', 'serviceaccounts', '-n', 'default']), /^default\s+\d+[a-z]/m);
      assert.match(await kubectl.path('configmap kube-root-ca.crt', '{.data.ca\\.crt}'), /BEGIN CERTIFICATE/);
      assert.match(
        await kubectl.run(['get', 'service', '-n', 'kube-system', 'kube-dns']),
        /ClusterIP\s+10\.43\.0\.10\s+<none>\s+53\/UDP,53\/TCP/,
      );
    });
  });
}
