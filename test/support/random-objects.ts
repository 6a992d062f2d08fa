// Random objects of any message of the schema: every field may be there, values are of the field's type and often odd.

import { formOf } from '../../src/api/codec/zero.ts';
import { BUILTIN_RESOURCES } from '../../src/api/resources.ts';
import { builtinSchema, type Field, type Message } from '../../src/api/schema/schema.ts';
import type { Random } from './random.ts';

/** Messages deeper than this stay empty: the schemas of custom resources contain themselves. */
const MAX_DEPTH = 7;

const TEXTS = ['', 'a', 'web', 'kube-system', 'x'.repeat(70), 'A B', 'ä€😀', '"\\\n', '0', 'null', 'true', '1.5', 'a/b', '*', '-'];
const QUANTITIES = ['0', '100m', '1', '1500m', '1Gi', '128Mi', '2k', '1e3', '-1', '12e6'];
const DURATIONS = ['0s', '1m0s', '1h30m0s', '15s', '250ms'];
const TIMES = ['2026-01-02T03:04:05Z', '1999-12-31T23:59:59Z', '2024-02-29T00:00:00Z'];
const ANY: readonly unknown[] = ['text', 7, true, false, { a: 1 }, ['x', { y: null }], -1.5, {}];

type Maker = (random: Random) => unknown;

const SCALARS: Readonly<Record<string, Maker>> = {
  string: (random) => random.pick(TEXTS),
  bytes: (random) => Buffer.from(random.pick(TEXTS)).toString('base64'),
  bool: (random) => random.chance(0.5),
  int32: (random) => random.pick([0, 1, -1, 80, 65_535, 2 ** 31 - 1, -(2 ** 31)]),
  int64: (random) => random.pick([0, 1, -1, 30, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
  uint32: (random) => random.pick([0, 1, 2 ** 31]),
  uint64: (random) => random.pick([0, 1, 2 ** 40]),
  double: (random) => random.pick([0, 1.5, -3, 1e-7]),
  float: (random) => random.pick([0, 1.5, -3]),
  time: (random) => random.pick(TIMES),
  microtime: (random) => random.pick(TIMES).replace('Z', random.pick(['.000000Z', '.123456Z'])),
  duration: (random) => random.pick(DURATIONS),
  quantity: (random) => random.pick(QUANTITIES),
  intstr: (random) => random.pick([0, 8080, 'http', '25%', '']),
  raw: (random) => ({ kind: random.pick(['ConfigMap', 'Thing']), apiVersion: 'v1', metadata: { name: random.pick(TEXTS) } }),
  fieldsv1: (random) => random.pick([{}, { 'f:metadata': { 'f:labels': { 'f:a': {} } } }]),
  json: (random) => random.pick(ANY),
  any: (random) => random.pick(ANY),
};

/** A random object of `message`, as a client may send it. `density` is the chance of each field near the root. */
export function randomObject(message: Message, random: Random, density = 0.5): Record<string, unknown> {
  return fieldsOf(message, random, { depth: 0, density });
}

interface Place {
  readonly depth: number;
  readonly density: number;
}

function fieldsOf(message: Message, random: Random, place: Place): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (message.typed && place.depth === 0) {
    const { group, version } = message.package;
    out['kind'] = message.name;
    out['apiVersion'] = group === '' ? version : `${group}/${version}`;
  }
  for (const field of message.byJsonName.values()) {
    if (!random.chance(place.depth > MAX_DEPTH ? 0 : place.density / (1 + place.depth / 3))) continue;
    out[field.name] = fieldValue(field, message, { random, place });
  }
  return out;
}

function fieldValue(field: Field, owner: Message, { random, place }: { random: Random; place: Place }): unknown {
  const one = (): unknown => itemOf(field, owner, { random, place });
  if (field.cardinality === 'one') return one();
  const count = random.int(4);
  if (field.cardinality === 'map')
    return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${random.pick(['k', 'a.b/c', 'ä'])}${n}`, one()]));
  const items = Array.from({ length: count }, (_, n) => keyed(one(), field, n));
  return field.listType?.kind === 'set' ? [...new Map(items.map((item) => [JSON.stringify(item), item])).values()] : items;
}

/** Items of a map list, and of one with a merge key, must be told apart. */
function keyed(item: unknown, field: Field, n: number): unknown {
  const keys = [...(field.listType?.kind === 'map' ? field.listType.keys : []), ...(field.patch?.key ? [field.patch.key] : [])];
  if (typeof item !== 'object' || item === null) return item;
  const own = Object.fromEntries(keys.map((key) => [key, keyValue(field.message?.byJsonName.get(key), n)]));
  return { ...item, ...own };
}

const keyValue = (field: Field | undefined, n: number): unknown => (field?.type.startsWith('int') ? n + 1 : `key${n}`);

function itemOf(field: Field, owner: Message, { random, place }: { random: Random; place: Place }): unknown {
  const { message } = field;
  if (message) return messageOf(message, random, { ...place, depth: place.depth + 1 });
  const values = field.enum === undefined ? undefined : builtinSchema().enum(owner.package, field.enum)?.values;
  if (values && values.length > 0 && random.chance(0.8)) return random.pick(values);
  return (SCALARS[field.type] ?? (() => ''))(random);
}

function messageOf(message: Message, random: Random, place: Place): unknown {
  const inner = message.fields.find((part) => part.message)?.message;
  const object = (): unknown => (inner && place.depth < MAX_DEPTH ? fieldsOf(inner, random, place) : {});
  switch (formOf(message)) {
    case undefined:
      return fieldsOf(message, random, place);
    case 'list':
    case 'unknown':
      return formOf(message) === 'list' ? ['a', 'b'].slice(0, 1 + random.int(2)) : {};
    case 'schemaOrBool':
      return random.chance(0.5) ? random.chance(0.5) : object();
    case 'schemaOrStringArray':
      return random.chance(0.5) ? ['x', 'y'] : object();
    default:
      return random.chance(0.3) ? [object(), object()] : object();
  }
}

/** The kinds of all built-in resources and of their sub-resources, each once. */
export function objectKinds(): Message[] {
  const kinds = BUILTIN_RESOURCES.flatMap(({ subresources, ...info }) => [info, ...subresources]);
  const messages = kinds.flatMap(({ group, version, kind }) => builtinSchema().kind(group, version, kind) ?? []);
  return [...new Set(messages)].filter(({ flags }) => !flags.has('json-only'));
}
