// Reads the names of fields: in selections and in objects.

import type { Token } from './lexer.ts';
import type { ParseScope } from './parse-scope.ts';
import { FIELD_NAME, type Follow } from './terminals.ts';

/** Reads the name of a field; undefined if there is none. */
export function readFieldName({ reader }: ParseScope, follow: Follow): Token | undefined {
  let name: Token | undefined;
  reader.rule(follow, () => {
    reader.sync(FIELD_NAME);
    if (!FIELD_NAME.has(reader.token.type)) reader.noAlternative(0);
    name = reader.advance();
  });
  return name;
}
