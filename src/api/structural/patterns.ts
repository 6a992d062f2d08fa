// The patterns of schemas, compiled: RE2 is loaded with the first schema that is used, and the patterns in use are kept.

import { LruMap } from '../../base/lru-map.ts';

/** Compiled patterns that are kept: those of the schemas in use; one of a few hundred bytes costs a few kilobytes. */
const MAX_COMPILED = 256;

/** A compiled pattern. */
export interface Pattern {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/** Compiles patterns. */
export interface Patterns {
  /** @throws SyntaxError with RE2's text, e.g. "error parsing regexp: missing closing ): `(a`" */
  compile(pattern: string): Pattern;
}

let loaded: Patterns | undefined;

/** Loads RE2 once. */
export async function loadPatterns(): Promise<Patterns> {
  if (loaded) return loaded;
  const { compileRe2 } = await import('../re2.ts');
  const compiled = new LruMap<string, Pattern>(MAX_COMPILED);
  loaded ??= {
    compile(pattern) {
      const known = compiled.get(pattern);
      if (known) return known;
      const made = compileRe2(pattern);
      compiled.set(pattern, made);
      return made;
    },
  };
  return loaded;
}
