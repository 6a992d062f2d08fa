// Holds objects against the rules of their schema (x-kubernetes-validations), within a budget of costs. Texts as upstream's.
// Rules: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules and KEP-2876.

import { CelEvaluationError, isNoSuchOverload } from '../cel/errors.ts';
import { CelBudget } from '../cel/frame.ts';
import { deepEqual, isObject } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type { ValidationRule } from '../types/apiextensions-v1.gen.ts';
import { duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../validation/field-error.ts';
import { type CompiledRule, compiledRules } from './compiled-rules.ts';
import { isEmbedded, itemSchema, memberSchema, propertySchema, type Schema } from './schema.ts';
import { type OldValue, oldItems } from './value-validation.ts';

/** What all rules of one object may cost together, as upstream. */
export const OBJECT_BUDGET = 10_000_000;
/** A message of an expression is cut off here. */
const MAX_MESSAGE_BYTES = 5_120;

/** The object to validate, and its old state. */
export interface RuleSubject {
  readonly value: unknown;
  readonly old: OldValue | undefined;
  /** Told of faults that are not held against an object that has not changed there; absent = all are held against it. */
  readonly warn?: (text: string) => void;
  /** What the rules may cost. Default: the budget of one object. */
  readonly budget?: CelBudget;
}

/** The faults of an object under the rules of its schema; `path` is `''` for a whole object. */
export function ruleFaults(schema: Schema, subject: RuleSubject, at = { path: '', root: true }): FieldError[] {
  const { value, old } = subject;
  const run = new RuleRun(subject);
  run.visit(value, schema, { ...at, old, unchanged: false });
  return run.faults;
}

interface Place {
  readonly path: string;
  readonly root: boolean;
  readonly old: OldValue | undefined;
  /** What surrounds the value has not changed. */
  readonly unchanged: boolean;
}

const fieldAt = (path: string): string => path || '<nil>';

class RuleRun {
  readonly faults: FieldError[] = [];
  readonly #budget: CelBudget;
  readonly #warn: RuleSubject['warn'];
  #spent = false;

  constructor({ warn, budget = new CelBudget(OBJECT_BUDGET) }: RuleSubject) {
    this.#warn = warn;
    this.#budget = budget;
  }

  visit(value: unknown, schema: Schema, at: Place): void {
    if (value === null || value === undefined || this.#spent) return;
    const here: Place = at.old ? { ...at, unchanged: deepEqual(at.old.value, value) } : at;
    if (schema['x-kubernetes-validations']) this.#rules(value, schema, here);
    if (Array.isArray(value)) this.#items(value, schema, here);
    else if (isObject(value)) this.#members(value, schema, here);
  }

  #items(value: readonly unknown[], schema: Schema, at: Place): void {
    const items = itemSchema(schema);
    if (!items) return;
    const oldItem = oldItems(schema, at.old);
    for (const [i, item] of value.entries()) {
      this.visit(item, items, { ...at, path: `${at.path}[${i}]`, root: isEmbedded(items), old: oldItem(item) });
    }
  }

  #members(value: Record<string, unknown>, schema: Schema, at: Place): void {
    const isCorrelated = schema['x-kubernetes-map-type'] !== 'atomic';
    const before = isCorrelated && isObject(at.old?.value) ? at.old.value : undefined;
    for (const key of Object.keys(value)) {
      const member = memberSchema(schema, key);
      if (!member) continue;
      const path = propertySchema(schema, key) ? below(at.path, key) : `${at.path}[${key}]`;
      const old = before && Object.hasOwn(before, key) ? { value: before[key] } : undefined;
      this.visit(value[key], member, { path, root: isEmbedded(member), old, unchanged: at.unchanged });
    }
  }

  #rules(value: unknown, schema: Schema, at: Place): void {
    for (const rule of compiledRules(schema, at.root)) {
      if (this.#spent) return;
      const type = schema.type ?? '';
      if (rule.fault !== undefined) this.faults.push(invalidValue(fieldAt(at.path), type, `rule compile error: ${rule.fault}`));
      else if (rule.program && !(rule.usesOld && !at.old && !rule.rule.optionalOldSelf)) this.#rule(value, { rule, type }, at);
    }
  }

  #rule(value: unknown, { rule, type }: { rule: CompiledRule; type: string }, at: Place): void {
    const { program } = rule;
    if (!program) return;
    if (this.#budget.remaining <= 0) {
      this.#stop(at, type, 'validation failed due to running out of cost budget, no further validation rules will be run');
      return;
    }
    const variables = { self: value, oldSelf: rule.oldVariable(at.old) };
    try {
      if (program.evaluate(variables, this.#budget) === true) return;
    } catch (error) {
      this.#failed(error, { rule: rule.rule, type }, at);
      return;
    }
    const where = rule.fieldPath === '' ? at.path : below(at.path, rule.fieldPath);
    const shown = type === 'object' || type === 'array' ? undefined : value;
    this.#found(faultOf(fieldAt(where), shown, { rule: rule.rule, detail: this.#message(rule, variables) }), rule, at);
  }

  /** A fault of what has not changed is told and not held against the object. */
  #found(fault: FieldError, rule: CompiledRule, at: Place): void {
    if (this.#warn && !rule.usesOld && at.unchanged) this.#warn(`${fault.field}: ${fault.detail}`);
    else this.faults.push(fault);
  }

  #failed(error: unknown, { rule, type }: { rule: ValidationRule; type: string }, at: Place): void {
    if (!(error instanceof CelEvaluationError)) throw error;
    const shown = ruleText(rule);
    if (error.code === 'cost') {
      const isSpent = this.#budget.remaining <= 0;
      const why = isSpent
        ? 'validation failed due to running out of cost budget, no further validation rules will be run'
        : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`;
      this.#stop(at, type, why);
    } else if (isNoSuchOverload(error)) {
      const why = `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown}`;
      this.faults.push(invalidValue(fieldAt(at.path), type, why));
    } else this.faults.push(invalidValue(fieldAt(at.path), type, `${error.message} evaluating rule: ${shown}`));
  }

  #stop(at: Place, type: string, why: string): void {
    this.#spent = true;
    this.faults.push(invalidValue(fieldAt(at.path), type, why));
  }

  /** What the rule's own expression says, or its text. */
  #message({ rule, message }: CompiledRule, variables: Record<string, unknown>): string {
    const fallback = rule.message?.trim() || `failed rule: ${ruleText(rule)}`;
    if (!message) return fallback;
    try {
      const text = message.evaluate(variables, this.#budget);
      const said = typeof text === 'string' ? text.trim() : '';
      return said === '' || said.includes('\n') || Buffer.byteLength(said) > MAX_MESSAGE_BYTES ? fallback : said;
    } catch (error) {
      if (!(error instanceof CelEvaluationError)) throw error;
      return fallback;
    }
  }
}

const below = (path: string, step: string): string => (path === '' ? step : step.startsWith('[') ? path + step : `${path}.${step}`);

const ruleText = ({ message = '', rule }: ValidationRule): string => (message.trim() || rule).trim();

function faultOf(field: string, value: unknown, { rule, detail }: { rule: ValidationRule; detail: string }): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenValue(field, detail);
    case 'FieldValueRequired':
      return requiredValue(field, detail);
    case 'FieldValueDuplicate':
      return duplicateValue(field, value);
    default:
      if (value === undefined) return { type: 'FieldValueInvalid', field, detail: `Invalid value: ${detail}` };
      return invalidValue(field, value, detail);
  }
}
