// Changes by chance of texts and JSON values: what a broken or hostile client may send.

import type { Random } from '../support/random.ts';

const ODD_TEXTS = [
  '',
  '%',
  '%2F',
  '%00',
  '..',
  '.',
  '//',
  '?',
  '#',
  '%C3%28',
  'a'.repeat(300),
  'namespaces',
  'watch',
  'proxy',
  'status',
  '*',
  '__proto__',
  'constructor',
];
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'x',
  'x'.repeat(5000),
  [],
  {},
  [null],
  [[]],
  { a: null },
  '\u0000',
  '1Gi',
  '2026-13-45T00:00:00Z',
  { $patch: 'delete' },
  { $patch: 'odd' },
  '/',
  '-',
];

/** The text with one part changed, removed, doubled or added. */
export function mutatedText(text: string, random: Random): string {
  const parts = text.split('/');
  const at = random.int(parts.length);
  switch (random.int(4)) {
    case 0:
      parts[at] = random.pick(ODD_TEXTS);
      break;
    case 1:
      parts.splice(at, 1);
      break;
    case 2:
      parts.splice(at, 0, parts[at] ?? '');
      break;
    default:
      parts.splice(at, 0, random.pick(ODD_TEXTS));
  }
  return parts.join('/');
}

/** The value with one member or item, at any depth, changed, removed or added. The input is changed. */
export function mutatedJson(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return random.pick(ODD_VALUES);
  if (Array.isArray(value)) {
    const at = random.int(value.length + 1);
    if (random.chance(0.2)) value.splice(at, 1);
    else if (at === value.length || random.chance(0.2)) value.splice(at, 0, value[0] ?? random.pick(ODD_VALUES));
    else value[at] = mutatedJson(value[at], random);
    return value;
  }
  return mutatedObject(value as Record<string, unknown>, random);
}

function mutatedObject(object: Record<string, unknown>, random: Random): Record<string, unknown> {
  const keys = Object.keys(object);
  const key = keys.length > 0 ? random.pick(keys) : 'x';
  const choice = random.int(6);
  if (choice === 0) delete object[key];
  else if (choice === 1)
    Object.defineProperty(object, random.pick(['x', '__proto__', '', 'Metadata', '$patch', '$retainKeys', '$setElementOrder/a', 'name']), {
      value: random.pick(ODD_VALUES),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else object[key] = mutatedJson(object[key], random);
  return object;
}
