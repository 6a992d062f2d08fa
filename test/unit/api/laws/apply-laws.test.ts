// What server-side apply must keep, for random objects of every kind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyTypeOf } from '../../../../src/api/apply/apply-type.ts';
import { applyConfiguration, type FieldWrite } from '../../../../src/api/apply/field-owners.ts';
import { entriesOf, type Manager } from '../../../../src/api/apply/managed-fields.ts';
import { configurationFaults } from '../../../../src/api/apply/typed-check.ts';
import { decodeObject } from '../../../../src/api/codec/decode.ts';
import { encodeObject } from '../../../../src/api/codec/encode.ts';
import type { Message } from '../../../../src/api/schema/schema.ts';
import { Random } from '../../../support/random.ts';
import { objectKinds, randomObject } from '../../../support/random-objects.ts';

const RUNS = { numRuns: 8 };

interface State {
  readonly object: Record<string, unknown>;
  readonly managers: readonly Manager[];
}

/** Applies as the server does: what comes out is read by the schema. */
function apply(state: State, manager: string, { config, message }: { config: unknown; message: Message }): State {
  const write: FieldWrite = {
    by: { manager, operation: 'Apply', apiVersion: 'v1', subresource: '' },
    time: '2026-01-01T00:00:00Z',
    type: applyTypeOf(message),
    reset: undefined,
  };
  const { object, managers } = applyConfiguration(state.managers, { live: state.object, config }, write);
  return { object: decodeObject<Record<string, unknown>>(object, message).object, managers };
}

const nothing = (message: Message): State => ({ object: decodeObject<Record<string, unknown>>({}, message).object, managers: [] });

/** A configuration that an apply takes: its lists hold nothing twice. */
function configOf(message: Message, random: Random): Record<string, unknown> | undefined {
  const { kind: _k, apiVersion: _a, ...config } = randomObject(message, random, 0.4);
  const read = encodeObject(decodeObject(config, message).object, message);
  const said = Object.fromEntries(Object.entries(read).filter(([key]) => Object.hasOwn(config, key)));
  return configurationFaults(said, applyTypeOf(message)).length === 0 ? said : undefined;
}

const view = ({ object, managers }: State): unknown => ({ object, entries: entriesOf(managers) });

function forEveryKind(law: (message: Message, random: Random) => void): void {
  for (const message of objectKinds())
    fc.assert(
      fc.property(fc.nat(), (seed) => law(message, new Random(seed))),
      RUNS,
    );
}

test('applyConfiguration changes nothing the second time, for every kind', () => {
  let judged = 0;
  forEveryKind((message, random) => {
    const [theirs, mine] = [configOf(message, random), configOf(message, random)];
    if (!theirs || !mine) return;
    judged++;
    const once = apply(apply(nothing(message), 'you', { config: theirs, message }), 'me', { config: mine, message });
    assert.deepEqual(view(apply(once, 'me', { config: mine, message })), view(once), message.name);
  });
  assert.ok(judged > 100, `only ${judged} configurations were fit to apply`);
});

test('applyConfiguration makes the same of disjoint configurations in either order, for every kind', () => {
  let judged = 0;
  forEveryKind((message, random) => {
    const whole = configOf(message, random);
    if (!whole) return;
    const side = new Map(Object.keys(whole).map((key) => [key, random.chance(0.5)]));
    const half = (mine: boolean) => Object.fromEntries(Object.entries(whole).filter(([key]) => side.get(key) === mine));
    const [a, b] = [
      { config: half(true), message },
      { config: half(false), message },
    ];
    judged++;
    const ab = apply(apply(nothing(message), 'a', a), 'b', b);
    const ba = apply(apply(nothing(message), 'b', b), 'a', a);
    assert.deepEqual(view(ab), view(ba), message.name);
  });
  assert.ok(judged > 100, `only ${judged} configurations were fit to apply`);
});
