// Equality as the API server means it, and what differs: an empty list or map is the same as none. Pure; nothing is copied.

const isNothing = (value: unknown): boolean => {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  for (const key in value) if (Reflect.get(value, key) !== undefined) return false;
  return true;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether two JSON values mean the same: absent, null, `[]` and `{}` are one. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => semanticEqual(item, b[i]));
  if (isRecord(a) && isRecord(b)) {
    for (const key in a) if (!semanticEqual(a[key], b[key])) return false;
    for (const key in b) if (!Object.hasOwn(a, key) && !isNothing(b[key])) return false;
    return true;
  }
  return isNothing(a) && isNothing(b);
}

/** A value that is not what it was. */
export interface Change {
  /** Path from where the comparison began, e.g. `containers[0].image`. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What differs between two JSON values; lists of other lengths differ as a whole. `path` begins the paths. */
export function changesOf(from: unknown, to: unknown, path = ''): Change[] {
  if (semanticEqual(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, i) => changesOf(item, to[i], `${path}[${i}]`));
  }
  if (!isRecord(from) || !isRecord(to)) return [{ path, from, to }];
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys].flatMap((key) => changesOf(from[key], to[key], path === '' ? key : `${path}.${key}`));
}

/** The changes as the text that follows an upstream message: what was with `-`, what is to be with `+`. */
export function changeText(type: string, changes: readonly Change[]): string {
  const line = (sign: string, { path }: Change, value: unknown): string => `${sign} \t${path}: ${JSON.stringify(value) ?? 'null'},\n`;
  return `\n  ${type}{\n${changes.map((change) => line('-', change, change.from) + line('+', change, change.to)).join('')}  }\n`;
}
