// Which requests a webhook or an admission policy is about: resource rules with wildcards, selectors of namespaces and objects, and
// the match policy. Pure but for the look at a namespace. Rules: "Dynamic Admission Control", matching requests.

import { type LabelMatcher, labelSelectorMatcher } from '../../api/labels.ts';
import type { KubeObject } from '../../api/object.ts';
import { internalError, notFound } from '../../api/status-error.ts';
import type { NamedRuleWithOperations } from '../../api/types/admissionregistration-v1.gen.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import { messageOf } from '../../base/errors.ts';
import { NAMESPACES } from '../../client/resources.ts';
import type { AdmissionRequest, ResourceForm } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';

/** What a configuration says about the requests it is for. */
export interface MatchSpec {
  /** One must match. Undefined: every resource does. */
  readonly rules: readonly NamedRuleWithOperations[] | undefined;
  /** None may match. */
  readonly excludeRules?: readonly NamedRuleWithOperations[] | undefined;
  /** `Exact`, or `Equivalent` (the default): a rule about another version of the resource counts. */
  readonly matchPolicy?: string | undefined;
  /** Absent: all namespaces. */
  readonly namespaceSelector?: LabelSelector | undefined;
  /** Absent: all objects. */
  readonly objectSelector?: LabelSelector | undefined;
  /** `Ignore`: with a selector that cannot be read it matches nothing; otherwise what its rules are about is refused. */
  readonly failurePolicy?: string | undefined;
}

/** A spec with its selectors parsed. */
export interface CompiledMatch {
  readonly rules: readonly NamedRuleWithOperations[] | undefined;
  readonly excludeRules: readonly NamedRuleWithOperations[];
  readonly equivalent: boolean;
  readonly namespaces: LabelMatcher;
  readonly objects: LabelMatcher;
  /** What is wrong with a selector: one that was stored before validation knew better. */
  readonly fault?: string;
  readonly failsOpen: boolean;
}

/** The part of a request that is matched. */
export type MatchedRequest = Pick<
  AdmissionRequest,
  'operation' | 'resource' | 'kind' | 'subresource' | 'namespace' | 'name' | 'object' | 'oldObject'
> & { readonly forms: Pick<AdmissionRequest['forms'], 'equivalents'> };

/** Parses the selectors of a spec. */
export function compileMatch(spec: MatchSpec): CompiledMatch {
  return {
    rules: spec.rules,
    excludeRules: spec.excludeRules ?? [],
    equivalent: spec.matchPolicy !== 'Exact',
    failsOpen: spec.failurePolicy === 'Ignore',
    ...compileSelectors(spec),
  };
}

function compileSelectors({
  namespaceSelector = {},
  objectSelector = {},
}: MatchSpec): Pick<CompiledMatch, 'namespaces' | 'objects' | 'fault'> {
  try {
    return { namespaces: labelSelectorMatcher(namespaceSelector), objects: labelSelectorMatcher(objectSelector) };
  } catch (error) {
    const nothing = labelSelectorMatcher(undefined);
    return { namespaces: nothing, objects: nothing, fault: messageOf(error) };
  }
}

/**
 * The form of the resource under which the request matches, undefined when it does not: that of the request itself if a rule is about it,
 * else (`Equivalent`) the first that a rule is about.
 * @throws StatusError NotFound when the rules match and the namespace, which a selector is about, does not exist; InternalError when they
 * match and a selector cannot be read
 */
export function matchRequest(
  match: CompiledMatch,
  request: MatchedRequest,
  reader: Pick<AdmissionReader, 'get'>,
): ResourceForm | undefined {
  if (formOf(match.excludeRules, match.equivalent, request)) return undefined;
  const own = { resource: request.resource, kind: request.kind };
  const form = match.rules === undefined ? own : formOf(match.rules, match.equivalent, request);
  if (form && match.fault !== undefined && !match.failsOpen) throw internalError(match.fault);
  if (!form || match.fault !== undefined || !matchesObject(match.objects, request) || !matchesNamespace(match.namespaces, request, reader))
    return undefined;
  return form;
}

/** The namespace of a request; of one about a namespace, that namespace itself. */
export function requestNamespace({ resource, namespace, name }: Pick<AdmissionRequest, 'resource' | 'namespace' | 'name'>): string {
  return isNamespace(resource) ? name : namespace;
}

const isNamespace = ({ group, resource }: AdmissionRequest['resource']): boolean => group === '' && resource === 'namespaces';

function formOf(rules: readonly NamedRuleWithOperations[], equivalent: boolean, request: MatchedRequest): ResourceForm | undefined {
  const own = { resource: request.resource, kind: request.kind };
  if (rules.some((rule) => matchesRule(rule, request, own))) return own;
  if (!equivalent) return undefined;
  for (const rule of rules) {
    const other = request.forms.equivalents.find((form) => matchesRule(rule, request, form));
    if (other) return other;
  }
  return undefined;
}

const lists = (items: readonly string[] | undefined, item: string): boolean =>
  (items ?? []).some((candidate) => candidate === '*' || candidate === item);

function matchesRule(rule: NamedRuleWithOperations, request: MatchedRequest, { resource }: ResourceForm): boolean {
  return (
    lists(rule.operations, request.operation) &&
    lists(rule.apiGroups, resource.group) &&
    lists(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((text) => matchesResource(text, resource.resource, request.subresource)) &&
    matchesScope(rule.scope, request) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(request.name))
  );
}

/** `pods`, `pods/*`, `*` (resources without sub-resources), `*` + `/scale`, or all of all. */
function matchesResource(text: string, resource: string, subresource: string): boolean {
  const slash = text.indexOf('/');
  const wished = slash < 0 ? text : text.slice(0, slash);
  const wishedSub = slash < 0 ? '' : text.slice(slash + 1);
  return (wished === '*' || wished === resource) && (wishedSub === '*' || wishedSub === subresource);
}

function matchesScope(scope: string | undefined, { resource, namespace }: MatchedRequest): boolean {
  if (scope === undefined || scope === '*') return true;
  // A namespace is not in a namespace.
  const namespaced = namespace !== '' && !isNamespace(resource);
  return scope === 'Namespaced' ? namespaced : !namespaced;
}

function matchesObject(selector: LabelMatcher, { object, oldObject }: MatchedRequest): boolean {
  if (selector.requirements.length === 0) return true;
  // What has no metadata (the options of an exec) has no labels to select.
  const selects = (candidate: KubeObject | undefined): boolean =>
    candidate?.metadata !== undefined && selector.matches(candidate.metadata.labels);
  return selects(object) || selects(oldObject);
}

function matchesNamespace(selector: LabelMatcher, request: MatchedRequest, reader: Pick<AdmissionReader, 'get'>): boolean {
  const about = isNamespace(request.resource);
  if (selector.requirements.length === 0 || (!about && request.namespace === '')) return true;
  // A namespace that is written has the labels it is to have.
  if (about && request.subresource === '' && request.object) return selector.matches(request.object.metadata.labels);
  const name = requestNamespace(request);
  const namespace = reader.get(NAMESPACES, { namespace: '', name });
  if (!namespace) throw notFound({ group: '', resource: 'namespaces' }, name);
  return selector.matches(namespace.metadata.labels);
}

const POLICY_KINDS = new Set([
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/** Whether the request is about the configuration of admission itself, which no webhook and no policy may guard: it must stay repairable. */
export function isExempt({ kind }: Pick<AdmissionRequest, 'kind'>): boolean {
  return kind.group === 'admissionregistration.k8s.io' && POLICY_KINDS.has(kind.kind);
}
