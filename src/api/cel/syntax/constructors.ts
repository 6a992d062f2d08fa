// Reads lists, maps and objects that are written out. A comma may stand after the last item.

import { readFieldName } from './names.ts';
import type { Keep, ParseScope } from './parse-scope.ts';
import type { ListNode, MapEntry, StructField } from './syntax.ts';
import { FIELD_START, FOLLOW, ITEM_START, LIST_END, LIST_START, MAP_END, MAP_START, OBJECT_START, type Terminal } from './terminals.ts';

/** A bracket and what is in it. */
interface Brackets {
  readonly close: Terminal;
  /** What may come after the opening one. */
  readonly start: ReadonlySet<Terminal>;
  /** What an item begins with. */
  readonly item: ReadonlySet<Terminal>;
  /** What may come after the items. */
  readonly end: ReadonlySet<Terminal>;
}

const LIST: Brackets = { close: ']', start: LIST_START, item: ITEM_START, end: LIST_END };
const MAP: Brackets = { close: '}', start: MAP_START, item: ITEM_START, end: MAP_END };
const OBJECT: Brackets = { close: '}', start: OBJECT_START, item: FIELD_START, end: MAP_END };

/** Reads from the opening bracket to the closing one. */
function readItems({ reader }: ParseScope, { close, start, item, end }: Brackets, readItem: () => void): void {
  reader.advance();
  reader.sync(start);
  if (item.has(reader.token.type)) {
    const readAll = (): void => {
      readItem();
      while (reader.token.type === ',' && item.has(reader.peek(1).type)) {
        reader.advance();
        readItem();
      }
    };
    reader.rule(close === ']' ? FOLLOW.elements : FOLLOW.entries, readAll);
  }
  reader.sync(end);
  reader.take(',');
  reader.match(close, FOLLOW.nothing);
}

/** Reads a list. */
export function readList(scope: ParseScope, keep: Keep): void {
  const elements: ListNode['elements'][number][] = [];
  keep({ kind: 'list', ...scope.tree.at(scope.reader.token.offset), elements });
  readItems(scope, LIST, () => {
    const optional = scope.reader.take('?') !== undefined;
    elements.push({ optional, value: scope.expression(FOLLOW.value) });
  });
}

/** Reads a map. */
export function readMap(scope: ParseScope, keep: Keep): void {
  const entries: MapEntry[] = [];
  keep({ kind: 'map', ...scope.tree.at(scope.reader.token.offset), entries });
  readItems(scope, MAP, () => {
    const optional = scope.reader.take('?') !== undefined;
    const key = scope.expression(FOLLOW.key);
    const offset = readColon(scope);
    entries.push({ optional, key, value: scope.expression(FOLLOW.value), offset });
  });
}

/** Where the colon is, or should be. */
function readColon({ reader }: ParseScope): number {
  const { offset } = reader.token;
  return reader.match(':', FOLLOW.expression)?.offset ?? offset;
}

/** Reads an object with the name of its type. */
export function readObject(scope: ParseScope, keep: Keep): void {
  const { reader, tree } = scope;
  let type = '';
  while (reader.token.type !== '{') type += reader.advance().text;
  const fields: StructField[] = [];
  keep({ kind: 'struct', ...tree.at(reader.token.offset), type, fields });
  readItems(scope, OBJECT, () => {
    const start = reader.token.offset;
    const optional = reader.take('?') !== undefined;
    const token = readFieldName(scope, FOLLOW.key);
    const offset = readColon(scope);
    const value = scope.expression(FOLLOW.value);
    if (token) fields.push({ name: tree.field(token), optional, value, offset });
    else tree.reportNoName(start);
  });
}
