// Type-checks the expressions of a ValidatingAdmissionPolicy against the kinds its rules name: warnings for its author, which change nothing of what
// the policy does. It loads the CEL engine: whoever needs this file imports it with `await import()`. Rules: "Validating Admission Policy",
// "Type checking"; texts are upstream's. Pure.

import type { CelType } from '../../api/cel/cel-type.ts';
import { CelCompileError } from '../../api/cel/errors.ts';
import { celTypeOfMessage } from '../../api/cel/message-type.ts';
import { PolicyCompiler } from '../../api/cel/policy-compiler.ts';
import { celTypeOfSchema } from '../../api/cel/structural-type.ts';
import { type GroupVersionKind, groupVersionString, parseGroupVersion, type ResourceInfo } from '../../api/resources.ts';
import { builtinSchema } from '../../api/schema/schema.ts';
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
} from '../../api/types/admissionregistration-v1.gen.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';

/** More kinds than these of one rule are not looked at. */
const MAX_KINDS = 10;

/** What is served, and by which schemas. */
export interface ServedKinds {
  readonly resources: readonly ResourceInfo[];
  readonly definitions: readonly CustomResourceDefinition[];
}

interface CheckedKind {
  readonly kind: GroupVersionKind;
  readonly type: CelType;
}

/** The warnings of a policy; none if all expressions fit all kinds whose types are known. */
export function policyWarnings(policy: ValidatingAdmissionPolicy, served: ServedKinds): ExpressionWarning[] {
  const { matchConstraints, paramKind, validations = [] } = policy.spec;
  const kinds = kindsOf(matchConstraints?.resourceRules ?? [], served.resources).flatMap((kind): CheckedKind[] => {
    const type = typeOf(kind, served);
    return type ? [{ kind, type }] : [];
  });
  const version = parseGroupVersion(paramKind?.apiVersion ?? '');
  const paramType = paramKind && version ? typeOf({ ...version, kind: paramKind.kind ?? '' }, served) : undefined;
  const warn = (fieldRef: string, expression: string | undefined): ExpressionWarning[] => {
    if (!expression) return [];
    const texts = kinds.flatMap((kind) => fault(policy, { expression, kind, paramType }) ?? []);
    return texts.length > 0 ? [{ fieldRef, warning: texts.join('\n') }] : [];
  };
  return validations.flatMap(({ expression, messageExpression }, index) => [
    ...warn(`spec.validations[${index}].expression`, expression),
    ...warn(`spec.validations[${index}].messageExpression`, messageExpression),
  ]);
}

interface Check {
  readonly expression: string;
  readonly kind: CheckedKind;
  readonly paramType: CelType | undefined;
}

function fault({ spec }: ValidatingAdmissionPolicy, { expression, kind, paramType }: Check): string | undefined {
  const compiler = new PolicyCompiler({ params: spec.paramKind !== undefined, object: kind.type, ...(paramType && { paramType }) });
  for (const variable of spec.variables ?? []) ignoringFaults(() => compiler.declare(variable.name, variable.expression));
  const text = ignoringFaults(() => compiler.compile(expression));
  return text === undefined ? undefined : `${groupVersionText(kind.kind)}, Kind=${kind.kind.kind}: ${text}\n`;
}

/** The text of what does not compile. A variable that does not is of any type to what uses it. */
function ignoringFaults(compile: () => unknown): string | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return error.faults;
  }
}

/** Upstream keeps the slash of the core group. */
const groupVersionText = (kind: GroupVersionKind): string => (kind.group === '' ? `/${kind.version}` : groupVersionString(kind));

/** The kinds that rules name without wildcards, sorted. */
function kindsOf(rules: readonly NamedRuleWithOperations[], resources: readonly ResourceInfo[]): GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>();
  for (const { apiGroups = [], apiVersions = [], resources: names = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((item) => item.includes('*'))) continue;
    const plain = names.filter((name) => !/[*/]/.test(name));
    const named = resources.filter(
      (info) => apiGroups.includes(info.group) && apiVersions.includes(info.version) && plain.includes(info.resource),
    );
    for (const { group, version, kind } of named.slice(0, MAX_KINDS)) kinds.set(`${group} ${version} ${kind}`, { group, version, kind });
  }
  return [...kinds.keys()].sort().flatMap((key) => kinds.get(key) ?? []);
}

function typeOf({ group, version, kind }: GroupVersionKind, { definitions }: ServedKinds): CelType | undefined {
  const message = builtinSchema().kind(group, version, kind);
  if (message) return celTypeOfMessage(message);
  const definition = definitions.find(({ spec }) => spec.group === group && spec.names.kind === kind);
  const schema = definition?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  return schema && celTypeOfSchema(schema, { root: true, name: kind });
}
