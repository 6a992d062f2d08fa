// Whether the rules of a definition's schema compile, and what they may cost at worst: each, and all of them together. Texts as upstream's.

import { minJsonBytes } from '../cel/structural-type.ts';
import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type { ValidationRule } from '../types/apiextensions-v1.gen.ts';
import { forbiddenValue, invalidValue } from '../validation/field-error.ts';
import { type CompiledRule, compiledRules } from './compiled-rules.ts';
import { isEmbedded, itemSchema, type Schema, valueSchema } from './schema.ts';

/** Upstream's limit for one expression, with all its repetitions. */
const EXPRESSION_LIMIT = 10_000_000;
/** Upstream's limit for all expressions of a schema together. */
const SCHEMA_LIMIT = 100_000_000;
/** The largest request: what has no bound of its own is repeated no more than fits in. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
/** Expressions that are named when a schema costs too much. */
const MAX_NAMED = 4;

/** The faults of all rules of a schema that is right otherwise. Costs of an unchanged schema's single expressions are not held against it. */
export function ruleCheckFaults(schema: Schema, path: string, old: Schema | undefined): FieldError[] {
  const check = new RuleCheck(old !== undefined && deepEqual(schema, old));
  check.visit(schema, { path, root: true, times: 1, uncorrelated: undefined });
  return [...check.faults, ...check.totalFaults(path)];
}

interface Place {
  readonly path: string;
  readonly root: boolean;
  /** How often the value can be there; undefined = as often as fits in a request. */
  readonly times: number | undefined;
  /** Path of the first schema around whose parts cannot be found again in an old object. */
  readonly uncorrelated: string | undefined;
}

class RuleCheck {
  readonly faults: FieldError[] = [];
  readonly #lenient: boolean;
  readonly #costly: { path: string; cost: number }[] = [];
  #total = 0;

  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  visit(schema: Schema, at: Place): void {
    const { path, times, uncorrelated } = at;
    const items = itemSchema(schema);
    const values = valueSchema(schema);
    const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const place = { path: `${path}.properties[${name}]`, times, uncorrelated: uncorrelated ?? (isAtomic ? path : undefined) };
      this.visit(property, { ...place, root: isEmbedded(property) });
    }
    if (values) {
      const more = repeated(times, schema.maxProperties);
      this.visit(values, { path: `${path}.additionalProperties`, root: isEmbedded(values), times: more, uncorrelated });
    }
    if (items) {
      const isMap = schema['x-kubernetes-list-type'] === 'map';
      const place = {
        path: `${path}.items`,
        times: repeated(times, schema.maxItems),
        uncorrelated: uncorrelated ?? (isMap ? undefined : path),
      };
      this.visit(items, { ...place, root: isEmbedded(items) });
    }
    if (schema['x-kubernetes-validations']) this.#rules(schema, at);
  }

  #rules(schema: Schema, at: Place): void {
    const times = at.times ?? Math.floor(MAX_REQUEST_BYTES / (minJsonBytes(schema, { root: at.root }) + 1));
    for (const [i, rule] of compiledRules(schema, at.root).entries()) {
      const path = `${at.path}.x-kubernetes-validations[${i}]`;
      this.#cost(`${path}.rule`, (rule.program?.maxCost ?? 0) * times, 'estimated rule cost');
      if (rule.fault !== undefined) this.faults.push(invalidValue(`${path}.rule`, internalForm(rule.rule), rule.fault));
      if (rule.messageFault !== undefined) {
        this.faults.push(invalidValue(`${path}.messageExpression`, internalForm(rule.rule), rule.messageFault));
      } else if (rule.message) this.#cost(`${path}.messageExpression`, rule.message.maxCost, 'estimated messageExpression cost');
      this.faults.push(...oldFaults(rule, path, at.uncorrelated));
    }
  }

  #cost(path: string, cost: number, name: string): void {
    if (!this.#lenient && cost > EXPRESSION_LIMIT) this.faults.push(forbiddenValue(path, costText(name, cost, EXPRESSION_LIMIT)));
    this.#total += cost;
    if (cost >= SCHEMA_LIMIT / 100) this.#costly.push({ path, cost });
  }

  totalFaults(path: string): FieldError[] {
    if (this.#total <= SCHEMA_LIMIT) return [];
    const worst = [...this.#costly].sort((a, b) => b.cost - a.cost).slice(0, MAX_NAMED);
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const total = costText('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, SCHEMA_LIMIT);
    return [...worst.map((one) => forbiddenValue(one.path, contributed)), forbiddenValue(path, total)];
  }
}

const repeated = (times: number | undefined, most: number | undefined): number | undefined =>
  times === undefined || most === undefined ? undefined : times * most;

function oldFaults({ rule, program, usesOld }: CompiledRule, path: string, uncorrelated: string | undefined): FieldError[] {
  if (usesOld) {
    if (uncorrelated === undefined) return [];
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
    return [invalidValue(`${path}.rule`, rule.rule, why)];
  }
  if (!program || rule.optionalOldSelf === undefined) return [];
  return [invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule')];
}

/** A rule under the names of upstream's internal form, which is what its errors show. */
function internalForm(rule: ValidationRule): object {
  const { message = '', messageExpression = '', reason = null, fieldPath = '', optionalOldSelf = null } = rule;
  return {
    Rule: rule.rule,
    Message: message,
    MessageExpression: messageExpression,
    Reason: reason,
    FieldPath: fieldPath,
    OptionalOldSelf: optionalOldSelf,
  };
}

function costText(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const times = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  const hint = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  return `${name} exceeds budget by factor of ${times} ${hint}`;
}
