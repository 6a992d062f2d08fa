// Regular expressions that users write (patterns of schemas, `matches` in CEL), in RE2's language and in linear time: none can make the
// server stand still. The re2js package (only this file names it) is loaded when first used.

import { KtsError, messageOf } from './errors.ts';
import { LruMap } from './lru-map.ts';

/** Compiled expressions that are kept: those of the schemas in use; an expression of a few hundred bytes costs a few kilobytes. */
const MAX_COMPILED = 256;

/** A compiled expression. */
export interface RegularExpression {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/** RE2, once loaded. */
export interface RegularExpressions {
  /** @throws KtsError `pattern` with Go's text, e.g. "error parsing regexp: missing closing ): `(a`" */
  compile(pattern: string): RegularExpression;
}

let loaded: RegularExpressions | undefined;

/** Loads RE2 once. */
export async function loadRegularExpressions(): Promise<RegularExpressions> {
  if (loaded) return loaded;
  const { RE2JS } = await import('re2js');
  const compiled = new LruMap<string, RegularExpression>(MAX_COMPILED);
  loaded ??= {
    compile(pattern) {
      const known = compiled.get(pattern);
      if (known) return known;
      const expression = compiledBy((text) => RE2JS.compile(text), pattern);
      compiled.set(pattern, expression);
      return expression;
    },
  };
  return loaded;
}

function compiledBy(compile: (text: string) => RegularExpression, pattern: string): RegularExpression {
  try {
    return compile(pattern);
  } catch (error) {
    throw new KtsError('pattern', messageOf(error), { cause: error });
  }
}
