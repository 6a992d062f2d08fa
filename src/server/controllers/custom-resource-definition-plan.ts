// What the status of a CustomResourceDefinition says: which of its names are accepted, whether it is served, whether its schemas and its group are in order.
// Conditions and texts as upstream's.

import { deepEqual } from '../../api/copy.ts';
import { structuralFaults } from '../../api/structural/structural-check.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../api/types/apiextensions-v1.gen.ts';
import { type ApprovalState, approvalOf, isProtectedGroup } from '../../api/validation/api-approval.ts';
import { caBundleFault } from '../../api/validation/ca-bundle.ts';

/** A condition but for its time. */
type Verdict = Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;

function conditionOf(definition: CustomResourceDefinition, type: string): CustomResourceDefinitionCondition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of that type is True. */
export function isConditionTrue(definition: CustomResourceDefinition, type: string): boolean {
  return conditionOf(definition, type)?.status === 'True';
}

/** The conditions with one set: its time changes with its status only. */
export function withCondition(
  conditions: readonly CustomResourceDefinitionCondition[],
  verdict: Verdict,
  now: string,
): CustomResourceDefinitionCondition[] {
  const old = conditions.find(({ type }) => type === verdict.type);
  const lastTransitionTime = old?.status === verdict.status ? (old.lastTransitionTime ?? now) : now;
  const { type, status, reason, message } = verdict;
  const condition = {
    lastTransitionTime,
    ...(message !== undefined && { message }),
    ...(reason !== undefined && { reason }),
    status,
    type,
  };
  return old ? conditions.map((item) => (item === old ? condition : item)) : [...conditions, condition];
}

/** The status that a definition is to have beside `others`, the other definitions; the same object when nothing changes. */
export function planDefinitionStatus(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinitionStatus {
  const { acceptedNames, verdict } = acceptNames(definition, others);
  let conditions = withCondition(definition.status?.conditions ?? [], verdict, now);
  conditions = withCondition(conditions, establishedVerdict(definition, verdict), now);
  for (const [type, found] of [
    ['NonStructuralSchema', schemaVerdict(definition)],
    ['KubernetesAPIApprovalPolicyConformant', approvalVerdict(definition)],
  ] as const) {
    conditions = found ? withCondition(conditions, found, now) : conditions.filter((condition) => condition.type !== type);
  }
  const status = { ...definition.status, conditions, acceptedNames };
  return definition.status && deepEqual(definition.status, status) ? definition.status : status;
}

function establishedVerdict(definition: CustomResourceDefinition, names: Verdict): Verdict {
  const old = conditionOf(definition, 'Established');
  // Once established, a definition stays so: its objects are there.
  if (old?.status === 'True') return old;
  if (names.status !== 'True')
    return { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  // The webhook could never be asked: nothing is served until it can be.
  if (caBundleFault(definition.spec.conversion?.webhook?.clientConfig?.caBundle ?? '') !== undefined)
    return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' };
  return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
}

/** The names that a definition's group has given away. */
interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function takenNames(group: string, others: readonly CustomResourceDefinition[]): TakenNames {
  const accepted = others.filter(({ spec }) => spec.group === group).flatMap(({ status }) => status?.acceptedNames ?? []);
  return {
    resources: new Set(accepted.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames])),
    kinds: new Set(accepted.flatMap(({ kind, listKind = '' }) => [kind, listKind])),
  };
}

function acceptNames(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[]) {
  const wished = definition.spec.names;
  const names: CustomResourceDefinitionNames = { ...(definition.status?.acceptedNames ?? { plural: '', kind: '' }) };
  const taken = takenNames(definition.spec.group, others);
  let verdict: Verdict = { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const refuse = (reason: string, message: string): void => {
    verdict = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;
  for (const [field, reason, used] of [
    ['plural', 'PluralConflict', taken.resources],
    ['singular', 'SingularConflict', taken.resources],
    ['shortNames', 'ShortNamesConflict', taken.resources],
    ['kind', 'KindConflict', taken.kinds],
    ['listKind', 'ListKindConflict', taken.kinds],
  ] as const) {
    const conflicts = listOf(wished[field]).filter((name) => !listOf(names[field]).includes(name) && used.has(name));
    if (conflicts.length > 0) refuse(reason, conflicts.length === 1 ? inUse(conflicts[0] ?? '') : `[${conflicts.map(inUse).join(', ')}]`);
    else setName(names, wished, field);
  }
  setName(names, wished, 'categories');
  return { acceptedNames: names, verdict };
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : typeof value === 'string' ? [value] : value;

function setName(
  names: CustomResourceDefinitionNames,
  wished: CustomResourceDefinitionNames,
  field: keyof CustomResourceDefinitionNames,
): void {
  if (wished[field] === undefined) Reflect.deleteProperty(names, field);
  else Object.assign(names, { [field]: wished[field] });
}

/** Patterns do not make a schema structural or not. */
const NO_PATTERNS = { compile: () => ({ test: () => true }) };

function schemaVerdict({ spec }: CustomResourceDefinition): Verdict | undefined {
  const faults = spec.versions.flatMap(({ schema }, i) =>
    schema?.openAPIV3Schema ? structuralFaults(schema.openAPIV3Schema, `spec.versions[${i}].schema.openAPIV3Schema`, NO_PATTERNS) : [],
  );
  if (faults.length === 0) return undefined;
  const texts = faults.map(({ field, detail }) => `${field}: ${detail}`);
  const message = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return { type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message };
}

const APPROVAL_REASONS: Readonly<Record<ApprovalState['state'], string>> = {
  invalid: 'InvalidAnnotation',
  missing: 'MissingAnnotation',
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
};

function approvalVerdict({ spec, metadata }: CustomResourceDefinition): Verdict | undefined {
  if (!isProtectedGroup(spec.group)) return undefined;
  const { state, reason: message } = approvalOf(metadata.annotations);
  const status = state === 'approved' ? 'True' : 'False';
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason: APPROVAL_REASONS[state], message };
}
