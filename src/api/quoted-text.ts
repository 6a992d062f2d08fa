// Values as upstream's messages show them: strings in Go's quotes (`%q`), everything else as the JSON of its encoder. Clients match on these texts.

/** What needs no escape. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Neither a letter, mark, number, punctuation, symbol nor the plain space; or a quote or backslash. */
const ESCAPED = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escaped(char: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** A text in double quotes: `"a"`, `"\\x00"`. */
export function quotedText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : `"${text.replace(ESCAPED, escaped)}"`;
}

const JSON_ESCAPES = /[<>&\u2028\u2029]/g;

/** A value in a message: a string quoted, another value as JSON; an absent one is null. */
export function shownValue(value: unknown): string {
  return typeof value === 'string' ? quotedText(value) : jsonText(value);
}

/** A value as upstream's encoder writes it: also a string whose type has a name of its own, as those of a fixed set have. */
export function jsonText(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  return json.replace(JSON_ESCAPES, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
