// What a namespace that is being deleted says about its content: pure rules of its conditions and of the order of deletion.

import type { KubeObject } from '../../api/object.ts';
import { type GroupVersion, groupResourceString, groupVersionString, type ResourceInfo } from '../../api/resources.ts';
import type { NamespaceCondition } from '../../api/types/core-v1.gen.ts';

/** What one pass over the content found. */
export interface ContentOutcome {
  /** Group versions whose servers do not answer: what they keep of the namespace is not known. */
  readonly unreachable: readonly GroupVersion[];
  /** Failures of single resources. */
  readonly errors: readonly string[];
  /** Objects that are still there by resource (`pods`, `deployments.apps`). */
  readonly remaining: ReadonlyMap<string, number>;
  /** Objects that wait for a finalizer, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/**
 * The resources whose objects are to be deleted, in two steps: pods first, and the rest only when no pod is left, so that
 * nothing a running pod depends on (a NetworkPolicy, say) goes before it (KEP-5080).
 */
export function deletionOrder(resources: readonly ResourceInfo[]): { readonly first: ResourceInfo[]; readonly rest: ResourceInfo[] } {
  const seen = new Set<string>();
  const deletable = resources.filter((r) => {
    // An object that is served in several versions is deleted once.
    const name = groupResourceString(r);
    if (!r.namespaced || r.virtual || !r.verbs.includes('delete') || !r.verbs.includes('list') || seen.has(name)) return false;
    seen.add(name);
    return true;
  });
  const isPods = (r: ResourceInfo): boolean => r.group === '' && r.resource === 'pods';
  return { first: deletable.filter(isPods), rest: deletable.filter((r) => !isPods(r)) };
}

/** Counts the finalizers of the objects that remain into `finalizers`. */
export function countFinalizers(objects: readonly KubeObject[], finalizers: Map<string, number>): void {
  for (const { metadata } of objects) for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
}

type Draft = Pick<NamespaceCondition, 'type' | 'reason' | 'message'> & { readonly status: 'True' | 'False' };

/** The conditions of the namespace after `outcome`; one that did not change keeps its transition time. Reasons and messages as upstream. */
export function planConditions(current: readonly NamespaceCondition[], outcome: ContentOutcome, now: string): NamespaceCondition[] {
  const drafts = [discovery(outcome), parsing(), contentFailure(outcome), contentRemaining(outcome), finalizersRemaining(outcome)];
  const types = new Set<string | undefined>(drafts.map((d) => d.type));
  const others = current.filter((c) => !types.has(c.type));
  return [...others, ...drafts.map((draft) => withTime(draft, { before: current.find((c) => c.type === draft.type), now }))];
}

function withTime(draft: Draft, { before, now }: { before: NamespaceCondition | undefined; now: string }): NamespaceCondition {
  if (before?.status === draft.status && before.reason === draft.reason && before.message === draft.message) return before;
  return { ...draft, lastTransitionTime: now };
}

function discovery({ unreachable }: ContentOutcome): Draft {
  const type = 'NamespaceDeletionDiscoveryFailure';
  if (unreachable.length === 0)
    return { type, status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' };
  const failures = unreachable.map(groupVersionString).map((name) => `${name}: stale GroupVersion discovery: ${name}`);
  const error = `unable to retrieve the complete list of server APIs: ${failures.toSorted().join(', ')}`;
  const message = `Discovery failed for some groups, ${failures.length} failing: ${error}`;
  return { type, status: 'True', reason: 'DiscoveryFailed', message };
}

function parsing(): Draft {
  const message = 'All legacy kube types successfully parsed';
  return { type: 'NamespaceDeletionGroupVersionParsingFailure', status: 'False', reason: 'ParsedGroupVersions', message };
}

function contentFailure({ errors }: ContentOutcome): Draft {
  const type = 'NamespaceDeletionContentFailure';
  if (errors.length === 0)
    return { type, status: 'False', reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' };
  const message = `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(', ')}`;
  return { type, status: 'True', reason: 'ContentDeletionFailed', message };
}

function contentRemaining({ remaining }: ContentOutcome): Draft {
  const type = 'NamespaceContentRemaining';
  if (remaining.size === 0) return { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  const parts = [...remaining].map(([name, count]) => `${name.includes('.') ? name : `${name}.`} has ${count} resource instances`);
  return { type, status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${parts.toSorted().join(', ')}` };
}

function finalizersRemaining({ finalizers }: ContentOutcome): Draft {
  const type = 'NamespaceFinalizersRemaining';
  if (finalizers.size === 0)
    return { type, status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' };
  const parts = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
  const message = `Some content in the namespace has finalizers remaining: ${parts.toSorted().join(', ')}`;
  return { type, status: 'True', reason: 'SomeFinalizersRemain', message };
}
