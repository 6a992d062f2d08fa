// JSON text: parsing with upstream's words for what is wrong, and finding keys that occur twice (JSON.parse keeps the last in silence).

import { DecodeError } from './errors.ts';

/** Deeper nesting is refused: no API object comes near, and recursion over it would exhaust the stack. */
export const MAX_DEPTH = 500;
/** Findings of a strict reading beyond these are not collected, as upstream. */
export const MAX_STRICT_ERRORS = 100;

/** Parses JSON. @throws DecodeError `syntax` with upstream's text */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw syntaxError(text) ?? new DecodeError('syntax', 'invalid JSON', { cause: error });
  }
}

/** What is wrong with a text that JSON.parse refused. */
function syntaxError(text: string): DecodeError | undefined {
  try {
    new Scanner(text).scan();
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/**
 * The keys that occur twice in an object, as paths (`spec.containers[0].name`), in order of the text.
 * @throws DecodeError `syntax` if the text is not JSON
 */
export function duplicateKeys(text: string): string[] {
  const scanner = new Scanner(text);
  scanner.scan();
  return scanner.duplicates;
}

/** What is told of duplicate keys of a text: `duplicate field "spec.a"`. @throws DecodeError `syntax` */
export function duplicateFields(text: string): string[] {
  return duplicateKeys(text).map(duplicateField);
}

const duplicateField = (path: string): string => `duplicate field "${path}"`;
const unknownField = (path: string): string => `unknown field "${path}"`;

/**
 * What a strict reading tells of a text, in its order: the fields that its reader did not know, and duplicate keys but for those within
 * such fields.
 * @param unknown paths, in order of the text
 * @throws DecodeError `syntax`
 */
export function strictFindings(text: string, unknown: readonly string[]): string[] {
  const duplicates = duplicateKeys(text).filter(
    (path) => !unknown.some((outer) => path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`)),
  );
  if (duplicates.length === 0) return unknown.map(unknownField);
  if (unknown.length === 0) return duplicates.map(duplicateField);
  const found = new Set<string>();
  const first = new Set(unknown);
  const again = new Set(duplicates);
  const scanner = new Scanner(text, (path, repeated) => {
    if (first.has(path)) found.add(unknownField(path));
    else if (repeated && again.has(path)) found.add(duplicateField(path));
  });
  scanner.scan();
  // A key that JSON.parse names otherwise than the scanner is told in the end.
  for (const told of [...unknown.map(unknownField), ...duplicates.map(duplicateField)]) found.add(told);
  return [...found];
}

/** The keys that occur again, as YAML's reader tells them: `line 10: key "paused" already set in map`. @throws DecodeError `syntax` */
export function repeatedKeyLines(text: string): string[] {
  if (duplicateKeys(text).length === 0) return [];
  const lines: string[] = [];
  const scanner = new Scanner(text, (_, repeated, at) => {
    if (!repeated) return;
    const line = text.slice(0, at.offset).split('\n').length;
    lines.push(`line ${line}: key ${JSON.stringify(at.key)} already set in map`);
  });
  scanner.scan();
  return lines;
}

const QUOTE = 34;
const BACKSLASH = 92;
const ESCAPES = new Set([...'"\\/bfnrt']);

/** Told of every key with its path; `offset` is where its value is about to begin. */
type KeyListener = (path: string, repeated: boolean, at: { readonly key: string; readonly offset: number }) => void;

/** Reads a JSON text once, without building values. */
class Scanner {
  readonly #text: string;
  #at = 0;
  readonly #path: (string | number)[] = [];
  readonly duplicates: string[] = [];

  readonly #onKey: KeyListener | undefined;

  constructor(text: string, onKey?: KeyListener) {
    this.#text = text;
    this.#onKey = onKey;
  }

  scan(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #unexpected(where: string): DecodeError {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new DecodeError('syntax', 'unexpected end of JSON input');
    const char = String.fromCodePoint(code);
    const shown = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${JSON.stringify(char).slice(1, -1)}'`;
    return new DecodeError('syntax', `invalid character ${shown} ${where}`);
  }

  #value(): void {
    if (this.#path.length > MAX_DEPTH) throw new DecodeError('syntax', 'exceeded max depth');
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{') this.#object();
    else if (char === '[') this.#array();
    else if (char === '"') this.#string();
    else if (char === 't') this.#literal('true');
    else if (char === 'f') this.#literal('false');
    else if (char === 'n') this.#literal('null');
    else this.#number();
  }

  #literal(word: string): void {
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.#text[this.#at] !== word[i]) throw this.#unexpected(`in literal ${word} (expecting '${word[i]}')`);
    }
  }

  #number(): void {
    const pattern = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) {
      if (this.#text[this.#at] === '-') this.#at++;
      throw this.#unexpected(this.#text[this.#at - 1] === '-' ? 'in numeric literal' : 'looking for beginning of value');
    }
    this.#at = pattern.lastIndex;
  }

  /** Skips a string; returns it decoded. */
  #string(): string {
    const start = this.#at++;
    let escaped = false;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      if (!(code >= 32)) throw this.#unexpected('in string literal'); // also the end of the text
      if (code === BACKSLASH) {
        escaped = true;
        this.#escape();
      }
    }
    this.#at++;
    // What was scanned is one JSON string.
    return escaped ? (JSON.parse(this.#text.slice(start, this.#at)) as string) : this.#text.slice(start + 1, this.#at - 1);
  }

  #escape(): void {
    this.#at++;
    if (this.#text[this.#at] !== 'u') {
      if (!ESCAPES.has(this.#text[this.#at] ?? '')) throw this.#unexpected('in string escape code');
      return;
    }
    for (let i = 0; i < 4; i++) {
      this.#at++;
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? '')) throw this.#unexpected('in \\u hexadecimal character escape');
    }
  }

  #object(): void {
    const seen = new Set<string>();
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#path.push(key);
      this.#onKey?.(formatPath(this.#path), seen.has(key), { key, offset: this.#at });
      if (seen.has(key)) this.#duplicate();
      seen.add(key);
      this.#space();
      if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key');
      this.#at++;
      this.#value();
      this.#path.pop();
      if (this.#ends('}', 'after object key:value pair')) return;
    }
  }

  #array(): void {
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return;
    }
    for (let i = 0; ; i++) {
      this.#path.push(i);
      this.#value();
      this.#path.pop();
      if (this.#ends(']', 'after array element')) return;
    }
  }

  /** Steps over a comma (false) or the closing sign (true). */
  #ends(close: string, where: string): boolean {
    this.#space();
    const char = this.#text[this.#at];
    if (char !== ',' && char !== close) throw this.#unexpected(where);
    this.#at++;
    return char === close;
  }

  #duplicate(): void {
    const path = formatPath(this.#path);
    if (this.duplicates.length < MAX_STRICT_ERRORS && !this.duplicates.includes(path)) this.duplicates.push(path);
  }
}

/** `spec.containers[0].name` */
export function formatPath(steps: readonly (string | number)[]): string {
  let out = '';
  for (const step of steps) out += typeof step === 'number' ? `[${step}]` : out === '' ? step : `.${step}`;
  return out;
}
