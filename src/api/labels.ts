// Label selectors: the query form (`app=web,tier in (a,b),!beta`) and the object form (meta/v1 LabelSelector).
// Rules: Kubernetes documentation, "Labels and Selectors". `!=` and `notin` also match objects without the label.

import { badRequest } from './status-error.ts';
import type { LabelSelector } from './types/meta-v1.gen.ts';

/** The operators of a selector in text form. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** The labels of an object; undefined when it has none. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** A parsed selector. */
export interface LabelMatcher {
  /** All must hold. Empty: everything matches, unless `nothing`. */
  readonly requirements: readonly LabelRequirement[];
  /** Matches no object at all: an absent selector. */
  readonly nothing: boolean;
  matches(labels: Labels): boolean;
}

function holds({ key, operator, values }: LabelRequirement, labels: Record<string, string>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      return value !== undefined && compares(operator, value, values[0] ?? '');
  }
}

function compares(operator: 'gt' | 'lt', value: string, bound: string): boolean {
  if (!/^[+-]?\d+$/.test(value)) return false;
  return operator === 'gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

const NO_LABELS: Record<string, string> = {};

function matcher(requirements: readonly LabelRequirement[], nothing = false): LabelMatcher {
  return {
    requirements,
    nothing,
    matches: (labels) => !nothing && requirements.every((requirement) => holds(requirement, labels ?? NO_LABELS)),
  };
}

const OPERATORS: Record<string, LabelOperator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/**
 * The matcher of an object's selector. Undefined matches nothing, an empty selector everything.
 * @throws StatusError BadRequest for an operator that does not exist (validation refuses it before).
 */
export function labelSelectorMatcher(selector: LabelSelector | undefined): LabelMatcher {
  if (selector === undefined) return matcher([], true);
  const requirements: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = OPERATORS[operator];
    if (!known) throw badRequest(`"${operator}" is not a valid label selector operator`);
    requirements.push({ key, operator: known, values: values ?? [] });
  }
  return matcher(requirements);
}

/** The matcher of a plain map, e.g. Service.spec.selector: each label must have the value. */
export function labelMapMatcher(labels: Readonly<Record<string, string>> | undefined): LabelMatcher {
  return labelSelectorMatcher({ matchLabels: { ...labels } });
}

/** The query form of an object's selector, keys in order; `''` for an empty one, `<none>` for an absent one. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) return '<none>';
  return formatRequirements(labelSelectorMatcher(selector).requirements);
}

/** The query form of requirements, keys in order. */
export function formatRequirements(requirements: readonly LabelRequirement[]): string {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

// The grammar. Upstream's texts, so that a user finds them where they search.

const KEY_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME_MESSAGE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const PREFIX_MESSAGE =
  "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** A selector in a query is no longer than a URL may be. */
const MAX_SELECTOR = 65_536;

/**
 * Parses the query form. `''` matches everything.
 * @throws StatusError BadRequest saying what is wrong where
 */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text.length > MAX_SELECTOR) throw badRequest('label selector is too long');
  const parser = new Parser(text);
  return matcher(parser.requirements());
}

const refuse = (why: string): Error => badRequest(`unable to parse requirement: ${why}`);

function checkKey(key: string): void {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const fail = (why: string): Error => refuse(`<nil>: Invalid value: ${JSON.stringify(key)}: ${why}`);
  if (prefix !== undefined && (prefix === '' || prefix.length > 253 || !PREFIX.test(prefix))) {
    throw fail(prefix === '' ? 'prefix part must be non-empty' : PREFIX_MESSAGE);
  }
  if (name.length > 63) throw fail('name part must be no more than 63 bytes');
  if (!KEY_PART.test(name)) throw fail(name === '' ? `name part must be non-empty; ${NAME_MESSAGE}` : NAME_MESSAGE);
}

function checkValue(key: string, value: string): void {
  const fail = (why: string): Error => refuse(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${why}`);
  if (value.length > 63) throw fail('must be no more than 63 bytes');
  if (value !== '' && !KEY_PART.test(value)) throw fail(VALUE_MESSAGE);
}

/** Reads tokens left to right: words, and the signs `( ) , ! = == != > <`. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!(),<>]|[^=!(),<>\s]+/g) ?? [];
  }

  requirements(): LabelRequirement[] {
    const out: LabelRequirement[] = [];
    if (this.#tokens.length === 0) return out;
    for (;;) {
      const word = this.#peek();
      if (word !== '!' && isSign(word)) throw badRequest(`found '${word}', expected: !, identifier, or 'end of string'`);
      out.push(this.#requirement());
      const next = this.#next();
      if (next === '') return out;
      if (next !== ',') throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
      if (this.#peek() === '' || this.#peek() === ',') throw badRequest(`found '${this.#peek()}', expected: identifier after ','`);
    }
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #requirement(): LabelRequirement {
    const absent = this.#peek() === '!';
    if (absent) this.#at++;
    const key = this.#next();
    if (isSign(key)) throw refuse(`found '${key}', expected: identifier`);
    checkKey(key);
    const end = this.#peek();
    if (absent || end === '' || end === ',') return { key, operator: absent ? '!' : 'exists', values: [] };
    return this.#comparison(key, this.#next());
  }

  #comparison(key: string, operator: string): LabelRequirement {
    switch (operator) {
      case 'in':
      case 'notin': {
        const values = this.#set();
        for (const value of values) checkValue(key, value);
        return { key, operator, values };
      }
      case '=':
      case '==':
      case '!=': {
        const value = this.#exactValue();
        checkValue(key, value);
        return { key, operator, values: [value] };
      }
      case '>':
      case '<':
        return { key, operator: operator === '>' ? 'gt' : 'lt', values: [this.#integer()] };
      default:
        throw refuse(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #integer(): string {
    const value = this.#exactValue();
    if (/^[+-]?\d+$/.test(value)) return value;
    throw refuse(`values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
  }

  #exactValue(): string {
    const next = this.#peek();
    if (next === '' || next === ',') return '';
    if (isSign(next)) throw refuse(`found '${next}', expected: identifier`);
    return this.#next();
  }

  #set(): string[] {
    const open = this.#next();
    if (open !== '(') throw refuse(`found '${open}' expected: '('`);
    const values: string[] = [];
    for (let last = ','; last === ','; ) {
      const word = this.#peek();
      if (word === ',' || word === ')') values.push('');
      else if (isSign(word)) throw refuse(`found '${word}', expected: ',', or identifier`);
      else values.push(this.#next());
      last = this.#next();
      if (last !== ',' && last !== ')') throw refuse(`found '${last}', expected: ',' or ')'`);
    }
    return [...new Set(values)].sort();
  }
}

const isSign = (token: string): boolean => token === '' || /^[=!(),<>]/.test(token);
