// Terms of inter-pod affinity, compiled. Rules: core/v1 PodAffinityTerm: no namespaces and no namespaceSelector means the
// namespace of the pod that carries the term; an absent labelSelector matches no pod.

import { type LabelMatcher, labelSelectorMatcher } from '../../api/labels.ts';
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../../api/types/meta-v1.gen.ts';

/** Labels of any object. */
export type Labels = Readonly<Record<string, string>>;

/** The labels of a namespace, `undefined` when it is not known. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

/** Who a pod is, as far as a term asks. */
export interface PodIdentity {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A compiled term. `weight` is 0 for required terms. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly weight: number;
  matches(pod: PodIdentity, namespaceLabels: NamespaceLabels): boolean;
}

/** The four lists of terms of a pod. */
export interface PodAffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferredAnti: readonly AffinityTerm[];
}

const NONE: PodAffinityTerms = { required: [], preferred: [], requiredAnti: [], preferredAnti: [] };

/** Adds `key in (the pod's value)` for each key of `keys` that the pod has, and `key notin (…)` for `mismatchKeys`. */
export function withLabelKeys(
  selector: LabelSelector | undefined,
  labels: Labels,
  keys: { readonly match?: readonly string[] | undefined; readonly mismatch?: readonly string[] | undefined },
): LabelSelector | undefined {
  if (!selector) return undefined;
  const requirement = (operator: 'In' | 'NotIn') => (key: string) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] } satisfies LabelSelectorRequirement];
  };
  const extra = [...(keys.match ?? []).flatMap(requirement('In')), ...(keys.mismatch ?? []).flatMap(requirement('NotIn'))];
  return extra.length === 0 ? selector : { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...extra] };
}

function compileTerm(term: PodAffinityTerm, owner: PodIdentity, weight: number): AffinityTerm {
  const keys = { match: term.matchLabelKeys, mismatch: term.mismatchLabelKeys };
  const labels = labelSelectorMatcher(withLabelKeys(term.labelSelector, owner.labels, keys));
  const named = new Set(term.namespaces ?? []);
  if (named.size === 0 && !term.namespaceSelector) named.add(owner.namespace);
  const namespaces: LabelMatcher | undefined = term.namespaceSelector && labelSelectorMatcher(term.namespaceSelector);
  return {
    topologyKey: term.topologyKey,
    weight,
    matches(pod, namespaceLabels) {
      if (!labels.matches(pod.labels)) return false;
      return named.has(pod.namespace) || (namespaces?.matches(namespaceLabels(pod.namespace) ?? {}) ?? false);
    },
  };
}

/** Compiles the affinity and anti-affinity of a pod. */
export function affinityTermsOf(pod: Pod): PodAffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return NONE;
  const owner: PodIdentity = { namespace: pod.metadata.namespace ?? '', labels: pod.metadata.labels ?? {} };
  const required = (terms: readonly PodAffinityTerm[] | undefined): AffinityTerm[] => (terms ?? []).map((t) => compileTerm(t, owner, 0));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] | undefined): AffinityTerm[] =>
    (terms ?? []).map((t) => compileTerm(t.podAffinityTerm, owner, t.weight));
  return {
    required: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}
