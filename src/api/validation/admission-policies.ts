// Validation of admission policies and their bindings, expressions included: they are compiled, so this file is loaded with `await import()`.
// Rules: the API reference of admissionregistration.k8s.io/v1; texts are upstream's. Pure.

import { listOf } from '../cel/cel-type.ts';
import { jsonPatchType } from '../cel/patch-type.ts';
import { initializerType } from '../cel/policy-compiler.ts';
import { parseGroupVersion } from '../resources.ts';
import type { FieldError } from '../status-error.ts';
import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../types/admissionregistration-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import {
  checkAmong,
  checkOneOf,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { FAILURE_POLICIES, validateMatchResources } from './match-rules.ts';
import { dns1035Label, dnsSubdomain, pathSegment } from './object-meta.ts';
import { PolicyExpressions } from './policy-expressions.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];
const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch'];
const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];
/** What a mutating policy can be about: nothing is left to change of what is deleted. */
const MUTABLE_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** The faults of a validating policy. */
export function validateValidatingPolicy({ metadata, spec }: ValidatingAdmissionPolicy): FieldError[] {
  const expressions = new PolicyExpressions(spec.paramKind);
  const { validations = [], auditAnnotations = [] } = spec;
  const nothing = 'validations or auditAnnotations must contain at least one item';
  const none = validations.length === 0 && auditAnnotations.length === 0;
  return [
    ...commonFaults(spec, expressions),
    ...(none ? [requiredValue('spec.validations', nothing), requiredValue('spec.auditAnnotations', nothing)] : []),
    ...eachItem('spec.validations', validations, (validation, at) => expressions.validation(validation, at)),
    ...expressions.auditAnnotations(auditAnnotations, 'spec.auditAnnotations', metadata.name),
  ];
}

/** The faults of a mutating policy. */
export function validateMutatingPolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const expressions = new PolicyExpressions(spec.paramKind, { patching: true });
  const { mutations = [], reinvocationPolicy } = spec;
  return [
    ...commonFaults(spec, expressions, operationFaults(spec.matchConstraints, 'spec.matchConstraints')),
    ...(mutations.length === 0 ? [requiredValue('spec.mutations', 'mutations must contain at least one item')] : []),
    ...eachItem('spec.mutations', mutations, (mutation, at) => validateMutation(mutation, at, expressions)),
    ...(reinvocationPolicy
      ? checkOneOf('spec.reinvocationPolicy', reinvocationPolicy, REINVOCATION_POLICIES)
      : [requiredValue('spec.reinvocationPolicy')]),
  ];
}

/** What both sorts of policies have, in upstream's order; `operations` = the faults of those that a mutating policy cannot be about. */
function commonFaults(
  spec: ValidatingAdmissionPolicy['spec'] | MutatingAdmissionPolicy['spec'],
  expressions: PolicyExpressions,
  operations: readonly FieldError[] = [],
): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints } = spec;
  return [
    ...(failurePolicy === undefined
      ? [requiredValue('spec.failurePolicy')]
      : checkAmong('spec.failurePolicy', failurePolicy, FAILURE_POLICIES)),
    ...(paramKind ? validateParamKind(paramKind, 'spec.paramKind') : []),
    ...constraintFaults(matchConstraints, 'spec.matchConstraints'),
    ...operations,
    ...expressions.matchConditions(spec.matchConditions, 'spec.matchConditions'),
    ...expressions.variables(spec.variables, 'spec.variables'),
  ];
}

function constraintFaults(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return [requiredValue(path)];
  const none = (match.resourceRules ?? []).length === 0 ? [requiredValue(`${path}.resourceRules`)] : [];
  return [...validateMatchResources(match, path), ...none];
}

function operationFaults(match: MatchResources | undefined, path: string): FieldError[] {
  const operations = (match?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  const others = operations.filter((operation) => !MUTABLE_OPERATIONS.includes(operation));
  return others.map((operation) => notSupported(`${path}.resourceRules.operations`, operation, MUTABLE_OPERATIONS));
}

function validateParamKind({ apiVersion, kind }: ParamKind, path: string): FieldError[] {
  const kindFaults = kind
    ? dns1035Label(kind.toLowerCase()).map((why) =>
        invalidValue(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${why}`),
      )
    : [requiredValue(`${path}.kind`)];
  if (!apiVersion) return [requiredValue(`${path}.apiVersion`), ...kindFaults];
  const parsed = parseGroupVersion(apiVersion);
  const at = `${path}.apiVersion`;
  if (!parsed) return [invalidValue(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`), ...kindFaults];
  return [
    ...(parsed.group ? dnsSubdomain(parsed.group).map((why) => invalidValue(at, parsed.group, why)) : []),
    ...(parsed.version
      ? dns1035Label(parsed.version).map((why) => invalidValue(at, parsed.version, why))
      : [invalidValue(at, apiVersion, 'version must be specified')]),
    ...kindFaults,
  ];
}

function validateMutation(mutation: Mutation, path: string, expressions: PolicyExpressions): FieldError[] {
  const { patchType, applyConfiguration, jsonPatch } = mutation;
  if (!patchType) return [requiredValue(`${path}.patchType`)];
  const type = initializerType('Object');
  if (patchType === 'ApplyConfiguration') {
    return [
      ...(applyConfiguration
        ? expressions.expression(`${path}.applyConfiguration.expression`, applyConfiguration.expression, type ? { results: [type] } : {})
        : [requiredValue(`${path}.applyConfiguration`, `must be specified when patchType is ${patchType}`)]),
      ...(jsonPatch ? [mustNotBe(`${path}.jsonPatch`, '{jsonPatch}', patchType)] : []),
    ];
  }
  if (patchType !== 'JSONPatch') return [notSupported(`${path}.patchType`, patchType, PATCH_TYPES)];
  return [
    ...(jsonPatch
      ? expressions.expression(`${path}.jsonPatch.expression`, jsonPatch.expression, { results: [listOf(jsonPatchType())] })
      : [requiredValue(`${path}.jsonPatch`, `must be specified when patchType is ${patchType}`)]),
    ...(applyConfiguration ? [mustNotBe(`${path}.applyConfiguration`, '{applyConfiguration}', patchType)] : []),
  ];
}

const mustNotBe = (path: string, shown: string, patchType: string): FieldError =>
  invalidValue(path, shown, `must not be specified when patchType is ${patchType}`);

/** The faults of a binding of a validating policy. */
export function validateValidatingBinding(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  return [...bindingFaults(binding), ...actionFaults(binding.spec.validationActions ?? [], 'spec.validationActions')];
}

/** The faults of a binding of a mutating policy. */
export function validateMutatingBinding(binding: MutatingAdmissionPolicyBinding): FieldError[] {
  return [...bindingFaults(binding), ...operationFaults(binding.spec.matchResources, 'spec.matchResources')];
}

function bindingFaults({ spec }: ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding): FieldError[] {
  const { policyName, paramRef, matchResources } = spec;
  return [
    ...(policyName
      ? dnsSubdomain(policyName).map((why) => invalidValue('spec.policyName', policyName, why))
      : [requiredValue('spec.policyName')]),
    ...(paramRef ? validateParamRef(paramRef, 'spec.paramRef') : []),
    ...(matchResources ? validateMatchResources(matchResources, 'spec.matchResources') : []),
  ];
}

function validateParamRef({ name, selector, parameterNotFoundAction }: ParamRef, path: string): FieldError[] {
  const both = 'name and selector are mutually exclusive';
  const neither = !name && !selector;
  return [
    ...(name ? pathSegment(name).map((why) => invalidValue(`${path}.name`, name, why)) : []),
    ...(name && selector ? [forbiddenValue(`${path}.name`, both)] : []),
    ...(selector ? validateLabelSelector(`${path}.selector`, selector) : []),
    ...(name && selector ? [forbiddenValue(`${path}.selector`, both)] : []),
    ...(neither ? [requiredValue(path, 'one of name or selector must be specified')] : []),
    ...(parameterNotFoundAction
      ? checkOneOf(`${path}.parameterNotFoundAction`, parameterNotFoundAction, NOT_FOUND_ACTIONS)
      : [requiredValue(`${path}.parameterNotFoundAction`)]),
  ];
}

function actionFaults(actions: readonly string[], path: string): FieldError[] {
  const seen = new Set<string>();
  const faults = eachItem(path, actions, (action, at) => {
    const found = ACTIONS.includes(action) ? [] : [notSupported(at, action, ACTIONS)];
    if (seen.has(action)) found.push(duplicateValue(at, action));
    seen.add(action);
    return found;
  });
  if (seen.has('Deny') && seen.has('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    faults.push(invalidValue(path, actions, why));
  }
  return actions.length === 0 ? [...faults, requiredValue(path, 'at least one validation action is required')] : faults;
}
