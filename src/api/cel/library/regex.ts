// Regular expressions in CEL: matches, find, findAll. Rules: CEL specification, "Regular Expressions"; "Kubernetes CEL libraries", "Regex".

import { compileRe2, type LinearRegExp } from '../../re2.ts';
import { BOOL, listOf, STRING } from '../cel-type.ts';
import { FIND, MATCH } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { fn, method, type Overload, P } from '../overload.ts';
import { ArrayList, type CelList } from '../values.ts';

function compiled(pattern: string): LinearRegExp {
  try {
    return compileRe2(pattern);
  } catch (error) {
    throw failure(error instanceof SyntaxError ? error.message : String(error));
  }
}

/** Why a pattern is none, or undefined. */
export function regexFault(pattern: string): string | undefined {
  try {
    compiled(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type FindAll = (text: string, pattern: string, limit?: bigint) => CelList;

function findAllBy({ findAll }: LinearRegExp): FindAll {
  return (text, _pattern, limit = -1n) => new ArrayList(limit === 0n ? [] : findAll(text, Number(limit)));
}

/** matches, find and findAll; patterns that are literals are compiled once. */
export function regexLibrary(): readonly Overload[] {
  const list = listOf(STRING);
  const test = (expression: LinearRegExp) => (text: string) => expression.test(text);
  const find = (expression: LinearRegExp) => (text: string) => expression.findAll(text, 1)[0] ?? '';
  const strings = [P.string, P.string] as const;
  const matches = { params: strings, result: BOOL, cost: MATCH, prepare: (pattern: string) => test(compiled(pattern)) };
  const findAll = { result: list, cost: FIND, prepare: (pattern: string) => findAllBy(compiled(pattern)) };
  const runAll: FindAll = (text, pattern, limit) => findAllBy(compiled(pattern))(text, pattern, limit);
  return [
    method('matches', matches, (text, pattern) => test(compiled(pattern))(text)),
    fn('matches', matches, (text, pattern) => test(compiled(pattern))(text)),
    method('find', { params: strings, result: STRING, cost: FIND, prepare: (pattern) => find(compiled(pattern)) }, (text, pattern) =>
      find(compiled(pattern))(text),
    ),
    method('findAll', { ...findAll, params: strings }, runAll),
    method('findAll', { ...findAll, params: [P.string, P.string, P.int] }, runAll),
  ];
}
