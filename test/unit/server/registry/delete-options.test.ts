import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinResource } from '../../../../src/api/resources.ts';
import type { DeleteOptions } from '../../../../src/api/types/meta-v1.gen.ts';
import { checkDeleteOptions, checkPreconditions } from '../../../../src/server/registry/delete-options.ts';
import type { ServedResource } from '../../../../src/server/registry/served-resource.ts';

const BAD: [DeleteOptions, string][] = [
  [{ propagationPolicy: 'x' }, 'propagationPolicy: Unsupported value: "x": supported values: "Foreground", "Background", "Orphan", "nil"'],
  [{ propagationPolicy: '' }, 'propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"'],
  [
    { propagationPolicy: 'Orphan', orphanDependents: true },
    'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
  ],
  [{ dryRun: ['All', 'x'] }, 'dryRun: Unsupported value: ["All","x"]: supported values: "All"'],
];

for (const [options, why] of BAD) {
  test(`checkDeleteOptions refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => checkDeleteOptions(options), { code: 422, message: `DeleteOptions.meta.k8s.io "" is invalid: ${why}` });
  });
}

test('checkDeleteOptions takes each policy, either field, and a dry run', () => {
  for (const propagationPolicy of ['Foreground', 'Background', 'Orphan']) checkDeleteOptions({ propagationPolicy });
  checkDeleteOptions({ orphanDependents: false, dryRun: ['All'] });
  checkDeleteOptions({});
});

test('checkPreconditions compares uid and version with those of the object', () => {
  const served = { info: builtinResource('apps', 'v1', 'deployments') } as ServedResource;
  const object = { metadata: { name: 'd', uid: 'u', resourceVersion: '7' } };
  checkPreconditions(served, object, { preconditions: { uid: 'u', resourceVersion: '7' } });
  checkPreconditions(served, object, {});
  const conflict = 'Operation cannot be fulfilled on Deployment.apps "d": ';
  assert.throws(() => checkPreconditions(served, object, { preconditions: { uid: 'x' } }), {
    code: 409,
    message: `${conflict}the UID in the precondition (x) does not match the UID in record (u). The object might have been deleted and then recreated`,
  });
  assert.throws(() => checkPreconditions(served, object, { preconditions: { resourceVersion: '6' } }), {
    code: 409,
    message: `${conflict}the ResourceVersion in the precondition (6) does not match the ResourceVersion in record (7). The object might have been modified`,
  });
});
