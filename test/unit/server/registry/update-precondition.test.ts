import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtinResource } from '../../../../src/api/resources.ts';
import type { ServedResource } from '../../../../src/server/registry/served-resource.ts';
import { strategyFlags } from '../../../../src/server/registry/strategies/flag-table.ts';
import { checkVersion } from '../../../../src/server/registry/update-precondition.ts';

const object = (resourceVersion?: string): KubeObject => ({ metadata: { name: 'x', ...(resourceVersion && { resourceVersion }) } });

function check(group: string, resource: string, resourceVersion?: string): boolean {
  const info = builtinResource(group, 'v1', resource);
  const served = { info, flags: strategyFlags(info) } as ServedResource; // no more of it is looked at
  return checkVersion(served, object(resourceVersion), object('5'), 'update');
}

test('checkVersion wants a version where upstream does, and names the resource', () => {
  assert.throws(() => check('storage.k8s.io', 'csistoragecapacities'), {
    code: 422,
    message:
      'csistoragecapacities.storage.k8s.io "x" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  });
  assert.equal(check('flowcontrol.apiserver.k8s.io', 'flowschemas'), true);
  assert.equal(check('storage.k8s.io', 'csistoragecapacities', '5'), false);
  assert.throws(() => check('storage.k8s.io', 'csistoragecapacities', '4'), { code: 409 });
});
