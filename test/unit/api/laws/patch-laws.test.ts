// What patches must keep, for random objects of every kind: a patch applied twice is the patch applied once, and changes neither input.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeObject } from '../../../../src/api/codec/decode.ts';
import { deepCopy } from '../../../../src/api/copy.ts';
import { applyJsonPatch } from '../../../../src/api/patch/json-patch.ts';
import { applyMergePatch } from '../../../../src/api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../../src/api/patch/strategic-merge-patch.ts';
import { Random } from '../../../support/random.ts';
import { objectKinds, randomObject } from '../../../support/random-objects.ts';

const RUNS = { numRuns: 10 };

type Patch = (object: unknown, patch: unknown, message: ReturnType<typeof objectKinds>[number]) => unknown;

function holdsLaws(apply: Patch, patchOf: (random: Random, message: ReturnType<typeof objectKinds>[number]) => unknown): void {
  for (const message of objectKinds()) {
    const law = (seed: number): void => {
      const random = new Random(seed);
      const { object } = decodeObject(randomObject(message, random), message);
      const patch = patchOf(random, message);
      const before = deepCopy({ object, patch });
      const once = apply(object, patch, message);
      assert.deepEqual({ object, patch }, before, `${message.name}: an input was changed`);
      assert.deepEqual(apply(once, patch, message), once, `${message.name}: the second time changed something`);
    };
    fc.assert(fc.property(fc.nat(), law), RUNS);
  }
}

/** Removes some members of an object by null, at any depth. */
function withNulls(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, random.chance(0.15) ? null : withNulls(item, random)]));
}

test('applyMergePatch changes nothing the second time, for every kind', () => {
  holdsLaws(applyMergePatch, (random, message) => withNulls(randomObject(message, random, 0.3), random));
});

test('applyStrategicMergePatch changes nothing the second time, for every kind', () => {
  holdsLaws(applyStrategicMergePatch, (random, message) => withNulls(randomObject(message, random, 0.3), random));
});

test('applyJsonPatch sets members as often as it is told, for every kind', () => {
  holdsLaws(applyJsonPatch, (random, message) =>
    Object.entries(randomObject(message, random, 0.5)).flatMap(([key, value]) => [
      { op: 'add', path: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value },
      { op: 'test', path: `/${key}`, value },
    ]),
  );
});

/** JSON as it is sent: there is no -0. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

test('applyJsonPatch turns a document into any other, and moves back what it has moved', () => {
  fc.assert(
    fc.property(json, json, (from, to) => {
      assert.deepEqual(applyJsonPatch(from, [{ op: 'replace', path: '', value: to }]), to);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]$/), json, { minKeys: 1, noNullPrototype: true }), (document) => {
      const [key = ''] = Object.keys(document);
      const moves = [
        { op: 'move', from: `/${key}`, path: '/moved' },
        { op: 'move', from: '/moved', path: `/${key}` },
      ];
      assert.deepEqual(applyJsonPatch(document, moves), document);
    }),
  );
});

test('applyMergePatch turns an object without nulls into any other by what differs', () => {
  const object = fc.dictionary(
    fc.string(),
    fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null && !JSON.stringify(value).includes('null')),
  );
  fc.assert(
    fc.property(object, object, (from, to) => {
      const gone = Object.fromEntries(Object.keys(from).flatMap((key) => (Object.hasOwn(to, key) ? [] : [[key, null]])));
      const merged = applyMergePatch(from, { ...gone, ...to }) as object;
      assert.deepEqual(Object.keys(merged).sort(), Object.keys(to).sort());
    }),
  );
});
