// What validation keeps for objects of every kind, however odd: it answers in words, and changes nothing (the objects are frozen).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeObject } from '../../../../src/api/codec/decode.ts';
import { deepCopy, deepFreeze } from '../../../../src/api/copy.ts';
import { applyDefaults } from '../../../../src/api/defaults.ts';
import { dropDisabledFields } from '../../../../src/api/disabled-fields.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Message } from '../../../../src/api/schema/schema.ts';
import { hasRules, validateCreate, validateUpdate } from '../../../../src/api/validation/validate.ts';
import { warningsOf } from '../../../../src/api/warnings/warnings.ts';
import { Random } from '../../../support/random.ts';
import { objectKinds, randomObject } from '../../../support/random-objects.ts';

const SUBRESOURCES = ['', 'status', 'resize', 'ephemeralcontainers', 'finalize', 'approval', 'scale'];
const kindOf = ({ package: { group, version }, name }: Message) => ({ group, version, kind: name });
const KINDS = objectKinds().filter((message) => hasRules(kindOf(message)));

/** A frozen object of a seed as validation sees it: decoded and, for half of the seeds, defaulted. */
function objectOf(message: Message, seed: number): KubeObject {
  const density = [0.05, 0.2, 0.5, 0.9][seed % 4] ?? 0.5;
  const { object } = decodeObject<KubeObject>(randomObject(message, new Random(seed), density), message);
  const draft = deepCopy(object) as { metadata?: object };
  draft.metadata ??= {};
  const whole = draft as KubeObject;
  if (seed % 8 < 4) applyDefaults(whole, kindOf(message));
  return deepFreeze(whole);
}

test('there are rules for the kinds of all groups of objects', () => {
  assert.ok(KINDS.length > 45, String(KINDS.length));
});

test('validation and warnings answer for any two objects of a kind, and change neither', () => {
  for (const message of KINDS) {
    const kind = kindOf(message);
    const check = (seed: number, other: number): void => {
      const [object, old] = [objectOf(message, seed), objectOf(message, other)];
      for (const { field, detail, type } of validateCreate(kind, object)) {
        assert.ok(typeof field === 'string' && type !== '' && detail !== '', kind.kind);
        assert.ok(!/undefined|\[object|NaN/.test(`${field}${detail}`), `${kind.kind}: ${field}: ${detail}`);
      }
      for (const subresource of SUBRESOURCES) validateUpdate(kind, object, old, subresource);
      for (const text of [...warningsOf(kind, object), ...warningsOf(kind, object, old)]) assert.ok(!/undefined|\[object/.test(text), text);
      dropDisabledFields(kind, deepCopy(object) as KubeObject, old);
    };
    fc.assert(fc.property(fc.nat(), fc.nat(), check), { numRuns: 12 });
  }
});
