// Server-side apply with kubectl: ownership, conflicts, force, and the way there from client-side apply.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';

const SSA = ['apply', '--server-side', '-f', '-'];

interface Managed {
  metadata: { managedFields?: { manager: string; operation: string; subresource?: string; fieldsV1: object }[] };
}

function deployment(name: string, replicas: number | undefined, image = 'docker.io/library/busybox:latest'): string {
  const containers = [{ name: 'main', image, command: ['sleep', '3600'] }];
  const template = { metadata: { labels: { app: name } }, spec: { containers, terminationGracePeriodSeconds: 0 } };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { ...(replicas !== undefined && { replicas }), selector: { matchLabels: { app: name } }, template },
  });
}

const configMap = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

/** The suite. */
export function serverSideApply(of: () => TestCluster): void {
  describe('server-side apply', () => {
    const managers = async (what: string): Promise<string[]> => {
      const { metadata } = await of().kubectl.json<Managed>(['get', ...what.split(' '), '--show-managed-fields']);
      return (metadata.managedFields ?? []).map(({ manager, operation, subresource = '' }) =>
        `${manager} ${operation} ${subresource}`.trim(),
      );
    };

    test('applies, owns, and is in nobody’s way', async () => {
      const { kubectl } = of();
      const out = await kubectl.run(SSA, { input: deployment('ssa', 0) });
      assert.equal(out.trim(), 'deployment.apps/ssa serverside-applied');
      assert.ok((await managers('deployment ssa')).includes('kubectl Apply'));
      assert.doesNotMatch(await kubectl.run(['get', 'deployment', 'ssa', '-o', 'yaml']), /managedFields/);
      assert.match(await kubectl.run(['describe', 'deployment', 'ssa']), /Replicas: +0 desired/);
      const version = '{.metadata.generation}';
      const before = await kubectl.path('deployment ssa', version);
      await kubectl.run(SSA, { input: deployment('ssa', 0) });
      assert.equal(await kubectl.path('deployment ssa', version), before);
    });

    test('tells a conflict with who scaled, and takes the field when forced', async () => {
      const { kubectl } = of();
      await kubectl.run(['scale', 'deployment', 'ssa', '--replicas=1']);
      assert.ok((await managers('deployment ssa')).includes('kubectl Update scale'));
      const { code, stderr } = await kubectl.try(SSA, { input: deployment('ssa', 0) });
      assert.equal(code, 1);
      assert.match(
        stderr,
        /Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/,
      );
      await kubectl.run([...SSA, '--force-conflicts'], { input: deployment('ssa', 0) });
      assert.equal(await kubectl.path('deployment ssa', '{.spec.replicas}'), '0');
    });

    test('shows a difference without making it', async () => {
      const { kubectl } = of();
      const { code, stdout } = await kubectl.try(['diff', '--server-side', '-f', '-'], { input: deployment('ssa', 0, 'other:1') });
      assert.equal(code, 1, stdout);
      assert.match(stdout, /\+ +- image: other:1|\+ +image: other:1/);
      assert.equal((await kubectl.try(['diff', '--server-side', '-f', '-'], { input: deployment('ssa', 0) })).code, 0);
    });

    test('takes over from client-side apply, and removes what is applied no more', async () => {
      const { kubectl } = of();
      await kubectl.run(['apply', '-f', '-'], { input: configMap('moved', { a: '1', b: '1' }) });
      assert.deepEqual(await managers('configmap moved'), ['kubectl-client-side-apply Update']);
      await kubectl.run(SSA, { input: configMap('moved', { a: '2', b: '1' }) });
      // kubectl moves its fields, and gives the annotation it keeps a manager of its own.
      assert.deepEqual(await managers('configmap moved'), ['kubectl Apply', 'kubectl-last-applied Apply']);
      await kubectl.run(SSA, { input: configMap('moved', { a: '2' }) });
      assert.equal(await kubectl.path('configmap moved', '{.data}'), '{"a":"2"}');
      await kubectl.run(['apply', '-f', '-'], { input: configMap('moved', { a: '3' }) });
      assert.equal(await kubectl.path('configmap moved', '{.data}'), '{"a":"3"}');
    });

    test('lets two managers share an object', async () => {
      const { kubectl } = of();
      await kubectl.run([...SSA, '--field-manager=one'], { input: configMap('shared', { one: '1' }) });
      await kubectl.run([...SSA, '--field-manager=two'], { input: configMap('shared', { two: '2' }) });
      await kubectl.run([...SSA, '--field-manager=one'], { input: configMap('shared', {}) });
      assert.equal(await kubectl.path('configmap shared', '{.data}'), '{"two":"2"}');
    });

    test('refuses a field that does not exist', async () => {
      const body = deployment('ssa', 0).replace('"selector"', '"selektor":1,"selector"');
      const { stderr } = await of().kubectl.try([...SSA, '--validate=false'], { input: body });
      assert.match(
        stderr,
        /failed to create typed patch object \(default\/ssa; apps\/v1, Kind=Deployment\): \.spec\.selektor: field not declared in schema/,
      );
    });

    test('tracks what the parts of the cluster write', async () => {
      const { kubectl } = of();
      const found = await managers(`node ${await kubectl.path('nodes', '{.items[0].metadata.name}')}`);
      assert.ok(
        found.some((one) => one.endsWith('Update status')),
        found.join(),
      );
      await kubectl.run(['delete', 'deployment/ssa', 'configmap/moved', 'configmap/shared']);
      await kubectl.run(['wait', '--for=delete', 'pod', '--selector=app=ssa', '--timeout=10s']);
    });
  });
}
