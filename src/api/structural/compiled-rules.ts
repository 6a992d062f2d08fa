// The rules of a schema (x-kubernetes-validations) compiled: once for each schema, when its objects are first validated, and kept as long as it is.

import { BOOL, type CelType, STRING } from '../cel/cel-type.ts';
import { type CelProgram, compileExpression } from '../cel/compile.ts';
import { CelCompileError } from '../cel/errors.ts';
import { adaptJson } from '../cel/json-adapter.ts';
import { celTypeOfSchema } from '../cel/structural-type.ts';
import { CelOptional } from '../cel/values.ts';
import type { ValidationRule } from '../types/apiextensions-v1.gen.ts';
import { followFieldPath } from './field-path.ts';
import type { Schema } from './schema.ts';
import type { OldValue } from './value-validation.ts';

/** A rule. What did not compile is undefined, with the fault beside it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: CelProgram | undefined;
  readonly fault: string | undefined;
  readonly message: CelProgram | undefined;
  readonly messageFault: string | undefined;
  /** A transition rule: it compares with the old value. */
  readonly usesOld: boolean;
  /** The variable `oldSelf` for an old value, or for none. */
  readonly oldVariable: (old: OldValue | undefined) => unknown;
  /** Where below the rule's own place its fault is told; `''` = there itself. */
  readonly fieldPath: string;
}

const compiled = new WeakMap<Schema, readonly CompiledRule[]>();

/** The rules of one schema, those of the schemas within aside. `root` = it describes a whole object. */
export function compiledRules(schema: Schema, root: boolean): readonly CompiledRule[] {
  const known = compiled.get(schema);
  if (known) return known;
  const type = celTypeOfSchema(schema, { root });
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, schema, type));
  compiled.set(schema, rules);
  return rules;
}

function compileRule(rule: ValidationRule, schema: Schema, self: CelType | undefined): CompiledRule {
  const found = rule.fieldPath ? followFieldPath(rule.fieldPath, schema, true) : undefined;
  const fieldPath = typeof found === 'object' ? found.text : '';
  const oldVariable = (old: OldValue | undefined): unknown => {
    if (!rule.optionalOldSelf || !self) return old?.value;
    return new CelOptional(old && old.value !== null ? adaptJson(old.value, self) : undefined);
  };
  const none = { rule, fieldPath, oldVariable, program: undefined, message: undefined, messageFault: undefined, usesOld: false };
  if (!self) return { ...none, fault: 'rule cannot be used: the type of the field is not known' };
  if (rule.rule.trim() === '') return { ...none, fault: undefined };
  const oldSelf: CelType = rule.optionalOldSelf ? { kind: 'optional', of: self } : self;
  const variables = new Map([
    ['self', self],
    ['oldSelf', oldSelf],
  ]);
  const program = compile(rule.rule, variables, { result: BOOL, wrong: 'cel expression must evaluate to a bool', before: '' });
  const expression = rule.messageExpression?.trim() ?? '';
  const message =
    expression === ''
      ? {}
      : compile(expression, variables, {
          result: STRING,
          wrong: 'messageExpression must evaluate to a string',
          before: 'messageExpression ',
        });
  return {
    rule,
    fieldPath,
    program: program.program,
    fault: program.fault,
    message: message.program,
    messageFault: message.fault,
    usesOld: program.program?.uses.has('oldSelf') ?? false,
    oldVariable,
  };
}

function compile(
  source: string,
  variables: ReadonlyMap<string, CelType>,
  way: { result: CelType; wrong: string; before: string },
): { program?: CelProgram; fault?: string } {
  try {
    return { program: compileExpression(source, { variables, results: [way.result] }) };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { fault: error.wrongResult ? way.wrong : way.before + error.message };
  }
}
