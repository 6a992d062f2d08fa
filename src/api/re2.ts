// Regular expressions of users, in RE2's syntax and its linear time. The package is named here only; it is large, so whoever needs this file loads it
// with `await import()`.

import { RE2JS } from 're2js';

/** A compiled expression. */
export interface LinearRegExp {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
  /** What it matches, one after another, at most `limit` (negative: all). */
  findAll(text: string, limit: number): string[];
}

/** @throws SyntaxError when the pattern is none; its message is RE2's */
export function compileRe2(pattern: string): LinearRegExp {
  const compiled = compile(pattern);
  return {
    test: (text) => compiled.matcher(text).find(),
    findAll: (text, limit) => {
      const matcher = compiled.matcher(text);
      const found: string[] = [];
      while (found.length !== limit && matcher.find()) found.push(matcher.group() ?? '');
      return found;
    },
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new SyntaxError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
