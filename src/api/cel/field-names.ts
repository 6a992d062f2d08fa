// How names of fields are written in expressions, where CEL's names have fewer characters than JSON's.
// Rules: "Escaping" in the documentation of CustomResourceDefinitions' validation rules.

const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];

/** The name of a field in expressions, or undefined if expressions cannot name it. */
export function escapeFieldName(name: string): string | undefined {
  if (KEYWORDS.has(name)) return `__${name}__`;
  const escaped = ESCAPES.reduce((text, [from, to]) => text.replaceAll(from, to), name);
  return NAME.test(escaped) ? escaped : undefined;
}

const UNESCAPE = /__(underscores|dot|dash|slash|[a-z]+)__/g;
const CHARACTERS = new Map([
  ['underscores', '__'],
  ['dot', '.'],
  ['dash', '-'],
  ['slash', '/'],
]);

/** The JSON name of a field by its name in expressions, or undefined if that is no escaped name. */
export function unescapeFieldName(name: string): string | undefined {
  const keyword = /^__([a-z]+)__$/.exec(name)?.[1];
  if (keyword !== undefined && KEYWORDS.has(keyword)) return keyword;
  let known = true;
  const result = name.replace(UNESCAPE, (_whole, word: string) => {
    const character = CHARACTERS.get(word);
    known &&= character !== undefined;
    return character ?? '';
  });
  return known ? result : undefined;
}
