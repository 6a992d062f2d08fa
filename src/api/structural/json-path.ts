// JSONPath as printer columns use it (`.status.conditions[?(@.type=="Ready")].status`): fields, indexes, ranges, wildcards, descent and filters.
// Grammar: https://kubernetes.io/docs/reference/kubectl/jsonpath/

import { KtsError } from '../../base/errors.ts';
import { isObject } from '../copy.ts';

/** A step of a path: the values it leads to from one value. */
type Step = (value: unknown) => readonly unknown[];

/** A parsed path. */
export interface JsonPath {
  /** The values found, in order. Missing fields lead nowhere. */
  find(value: unknown): readonly unknown[];
}

const fail = (text: string, why: string): KtsError => new KtsError('json-path', `${why} in ${JSON.stringify(text)}`);

/** Parses a path that begins with a dot. @throws KtsError `json-path` */
export function parseJsonPath(text: string): JsonPath {
  const steps = new PathParser(text).steps();
  return { find: (value) => steps.reduce<readonly unknown[]>((values, step) => values.flatMap(step), [value]) };
}

const field =
  (name: string): Step =>
  (value) =>
    isObject(value) && Object.hasOwn(value, name) ? [value[name]] : [];

const everything: Step = (value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);

function descend(value: unknown): unknown[] {
  return [value, ...everything(value).flatMap(descend)];
}

class PathParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  steps(): Step[] {
    const out: Step[] = [];
    if (this.#text.startsWith('$') || this.#text.startsWith('@')) this.#at = 1;
    while (this.#at < this.#text.length) {
      if (this.#take('..')) {
        const next = this.#text[this.#at] === '[' ? undefined : this.#name();
        out.push((value) => descend(value).flatMap(next ?? ((item) => [item])));
      } else if (this.#take('.')) {
        if (this.#at < this.#text.length && this.#text[this.#at] !== '[') out.push(this.#name());
      } else if (this.#take('[')) out.push(this.#bracket());
      else throw fail(this.#text, `unexpected ${JSON.stringify(this.#text[this.#at])}`);
    }
    return out;
  }

  #take(sign: string): boolean {
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  #name(): Step {
    let name = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      if (char === '.' || char === '[') break;
      if (char === '\\') this.#at++;
      name += this.#text[this.#at] ?? '';
    }
    if (name === '') throw fail(this.#text, 'a name is missing');
    return name === '*' ? everything : field(name);
  }

  /** The inside of brackets, up to the one that closes them. */
  #bracket(): Step {
    const start = this.#at;
    let depth = 1;
    let quote = '';
    for (; this.#at < this.#text.length && depth > 0; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      if (quote !== '') {
        if (char === quote) quote = '';
      } else if (char === '"' || char === "'") quote = char;
      else if (char === '[') depth++;
      else if (char === ']') depth--;
    }
    if (depth > 0) throw fail(this.#text, 'a bracket is not closed');
    return this.#selector(this.#text.slice(start, this.#at - 1).trim());
  }

  #selector(inner: string): Step {
    if (inner === '*') return everything;
    const filter = /^\?\s*\(([\s\S]*)\)$/.exec(inner)?.[1];
    if (filter !== undefined) {
      const test = parseFilter(filter.trim(), this.#text);
      return (value) => everything(value).filter(test);
    }
    const range = /^(-?\d*):(-?\d*)(?::(\d+))?$/.exec(inner);
    if (range) return slice(range);
    const parts = inner.split(',').map((part) => part.trim());
    const steps = parts.map((part): Step => {
      const name = /^(['"])([\s\S]*)\1$/.exec(part)?.[2];
      if (name !== undefined) return field(name);
      if (!/^-?\d+$/.test(part)) throw fail(this.#text, `unexpected ${JSON.stringify(part)}`);
      const index = Number(part);
      return (value) => (Array.isArray(value) && value.at(index) !== undefined ? [value.at(index)] : []);
    });
    return (value) => steps.flatMap((step) => step(value));
  }
}

function slice([, from = '', to = '', step = '1']: RegExpExecArray): Step {
  const every = Math.max(1, Number(step));
  return (value) => {
    if (!Array.isArray(value)) return [];
    return value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to)).filter((_, i) => i % every === 0);
  };
}

const OPERATORS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => comparable(a, b) && String(a) <= String(b),
  '>=': (a, b) => comparable(a, b) && String(a) >= String(b),
  '<': (a, b) => comparable(a, b) && String(a) < String(b),
  '>': (a, b) => comparable(a, b) && String(a) > String(b),
};

const comparable = (a: unknown, b: unknown): boolean => typeof a === 'string' && typeof b === 'string';

function parseFilter(text: string, whole: string): (item: unknown) => boolean {
  const match = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/.exec(text);
  if (!match) {
    const path = parseJsonPath(text);
    return (item) => path.find(item).length > 0;
  }
  const [, left = '', operator = '', right = ''] = match;
  const [a, b] = [parseOperand(left.trim(), whole), parseOperand(right.trim(), whole)];
  const holds = OPERATORS[operator];
  return (item) => {
    const [one, other] = [a(item), b(item)];
    if (one === undefined || other === undefined) return false;
    if (typeof one === 'number' && typeof other === 'number' && operator.length <= 2) return compareNumbers(one, other, operator);
    return holds?.(one, other) ?? false;
  };
}

function compareNumbers(a: number, b: number, operator: string): boolean {
  const sign = a < b ? '<' : a > b ? '>' : '=';
  return operator === '!=' ? sign !== '=' : operator === '==' ? sign === '=' : operator.includes(sign);
}

function parseOperand(text: string, whole: string): (item: unknown) => unknown {
  const literal = /^(['"])([\s\S]*)\1$/.exec(text)?.[2];
  if (literal !== undefined) return () => literal;
  if (/^-?\d+(\.\d+)?$/.test(text)) return () => Number(text);
  if (text === 'true' || text === 'false') return () => text === 'true';
  if (!/^[@$.]/.test(text)) throw fail(whole, `unexpected ${JSON.stringify(text)}`);
  const path = parseJsonPath(text);
  return (item) => path.find(item)[0];
}
