import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyTypeOf } from '../../../../../src/api/apply/apply-type.ts';
import { CelBudget } from '../../../../../src/api/cel/frame.ts';
import { PolicyCompiler } from '../../../../../src/api/cel/policy-compiler.ts';
import type { CelValue } from '../../../../../src/api/cel/values.ts';
import { deepFreeze } from '../../../../../src/api/copy.ts';
import type { KubeObject } from '../../../../../src/api/object.ts';
import { builtinSchema } from '../../../../../src/api/schema/schema.ts';
import type { Pod } from '../../../../../src/api/types/core-v1.gen.ts';
import { applyConfigurationTo, jsonPatched, MutationFault } from '../../../../../src/server/admission/policy/mutation-patch.ts';

const compiler = new PolicyCompiler({ params: false, patching: true });
const value = (source: string): CelValue => compiler.compile(source).evaluate({}, new CelBudget(10_000));
const message = builtinSchema().kind('', 'v1', 'Pod');
assert.ok(message);
const type = applyTypeOf(message);
const pod = deepFreeze({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', labels: { a: '1' } },
  spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'X', value: '1' }] }], tolerations: [{ key: 'k' }] },
}) as unknown as KubeObject;

const MERGES: readonly (readonly [source: string, read: (pod: Pod) => unknown, merged: unknown])[] = [
  ['Object{metadata: Object.metadata{labels: {"b": "2"}}}', ({ metadata }) => metadata.labels, { a: '1', b: '2' }],
  [
    'Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", env: [Object.spec.containers.env{name: "Y", value: "2"}]}]}}',
    ({ spec }) => spec.containers,
    [
      {
        name: 'c',
        image: 'i',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
      },
    ],
  ],
  ['Object{?metadata: optional.none()}', ({ metadata }) => metadata.labels, { a: '1' }],
];
for (const [source, read, merged] of MERGES) {
  test(`applyConfigurationTo merges ${source}`, () => {
    assert.deepEqual(read(applyConfigurationTo(pod, value(source), type) as Pod), merged);
  });
}

const REFUSED: readonly (readonly [source: string, message: string | RegExp])[] = [
  [
    'Object{spec: Object.wrong{}}',
    'type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type',
  ],
  [
    'Object{spec: Object.spec{containers: [Object.spec.initContainers{name: "x"}]}}',
    /expected "Object.spec.containers", which matches field name path/,
  ],
  [
    'Object{spec: Object.spec{nothing: 1}}',
    /^error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema$/,
  ],
  [
    'Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: "x"}]}}',
    'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.tolerations',
  ],
];
for (const [source, why] of REFUSED) {
  test(`applyConfigurationTo refuses ${source}`, () => {
    assert.throws(
      () => applyConfigurationTo(pod, value(source), type),
      (error) => {
        assert.ok(error instanceof MutationFault);
        if (typeof why === 'string') assert.equal(error.message, why);
        else assert.match(error.message, why);
        return true;
      },
    );
  });
}

test('jsonPatched carries out all operations or none', () => {
  const patched = jsonPatched(
    pod,
    value('[JSONPatch{op: "replace", path: "/metadata/name", value: "q"}, JSONPatch{op: "remove", path: "/spec"}]'),
  );
  assert.deepEqual(patched, { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'q', labels: { a: '1' } } });
  assert.throws(() => jsonPatched(pod, value('[JSONPatch{op: "remove", path: "/nothing"}]')), MutationFault);
});

test('jsonPatched leaves an object alone whose test fails', () => {
  const patch = '[JSONPatch{op: "remove", path: "/spec"}, JSONPatch{op: "test", path: "/metadata/name", value: "other"}]';
  assert.equal(jsonPatched(pod, value(patch)), pod);
});

test('jsonPatched takes objects, lists and maps as values', () => {
  const patch =
    '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "d", ports: [Object.spec.containers.ports{containerPort: 80}]}}]';
  const { spec } = jsonPatched(pod, value(patch)) as { spec: { containers: object[] } };
  assert.deepEqual(spec.containers[1], { name: 'd', ports: [{ containerPort: 80 }] });
});
