// A MutatingAdmissionPolicy compiled, and what its mutations make of an object. Rules: "Mutating Admission Policy".

import type { ApplyType } from '../../../api/apply/apply-type.ts';
import { BOOL, listOf } from '../../../api/cel/cel-type.ts';
import { CelBudget } from '../../../api/cel/frame.ts';
import { jsonPatchType } from '../../../api/cel/patch-type.ts';
import { initializerType, PolicyCompiler } from '../../../api/cel/policy-compiler.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { MutatingAdmissionPolicy, Mutation } from '../../../api/types/admissionregistration-v1.gen.ts';
import { type NamedExpression, runValues } from './expression-values.ts';
import { applyConfigurationTo, jsonPatched, MutationFault } from './mutation-patch.ts';
import { evaluateExpression, OutOfBudget, type PolicyExpression, policyExpression, RUN_COST_LIMIT } from './policy-expression.ts';

/** One mutation. */
export interface CompiledMutation {
  readonly patchType: string;
  readonly expression: PolicyExpression;
}

/** A policy's expressions. */
export interface MutatingProgram {
  readonly conditions: readonly PolicyExpression[];
  readonly variables: readonly NamedExpression[];
  readonly mutations: readonly CompiledMutation[];
}

/** Compiles all of them. What does not compile fails when it is evaluated. */
export function compileMutatingPolicy({ spec }: MutatingAdmissionPolicy): MutatingProgram {
  const compiler = new PolicyCompiler({ params: spec.paramKind !== undefined, patching: true });
  const conditions = (spec.matchConditions ?? []).map(({ expression }) =>
    policyExpression(expression, () => compiler.compile(expression, { results: [BOOL] })),
  );
  const variables = (spec.variables ?? []).map(({ name, expression }) => ({
    name,
    ...policyExpression(expression, () => compiler.declare(name, expression)),
  }));
  return { conditions, variables, mutations: (spec.mutations ?? []).map((mutation) => compileMutation(compiler, mutation)) };
}

function compileMutation(compiler: PolicyCompiler, { patchType, applyConfiguration, jsonPatch }: Mutation): CompiledMutation {
  const source = (patchType === 'JSONPatch' ? jsonPatch?.expression : applyConfiguration?.expression) ?? '';
  const result = patchType === 'JSONPatch' ? listOf(jsonPatchType()) : initializerType('Object');
  return { patchType, expression: policyExpression(source, () => compiler.compile(source, result ? { results: [result] } : {})) };
}

/** What a mutation works on. */
export interface MutationSubject {
  readonly object: KubeObject;
  readonly type: ApplyType;
  /** The values of the variables; `object` is this subject's. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly params: KubeObject | undefined;
}

/** The object as a mutation makes it. The one given is not changed. @throws MutationFault */
export function mutated(program: MutatingProgram, { patchType, expression }: CompiledMutation, subject: MutationSubject): unknown {
  const { object, type, params } = subject;
  const budget = new CelBudget(RUN_COST_LIMIT);
  const values = runValues({ ...subject.values, object }, { variables: program.variables, params, budget });
  try {
    const outcome = evaluateExpression(expression, values, budget);
    if ('error' in outcome) throw new MutationFault(outcome.error);
    return patchType === 'JSONPatch' ? jsonPatched(object, outcome.value) : applyConfigurationTo(object, outcome.value, type);
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    throw new MutationFault(error.message);
  }
}
