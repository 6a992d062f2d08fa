// What a delete does: the rules of graceful deletion, finalizers and propagation, decided purely.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/ and /docs/concepts/workloads/pods/pod-lifecycle/#pod-termination

import type { KubeObject } from '../../api/object.ts';
import type { DeleteOptions, ObjectMeta } from '../../api/types/meta-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';

/** `remove` from the store, last seen with `metadata`; `mark` = write `metadata`; `none` = a deletion that is under way already covers it. */
export type DeletionPlan =
  | { readonly action: 'remove'; readonly metadata: ObjectMeta }
  | { readonly action: 'none' }
  | { readonly action: 'mark'; readonly metadata: ObjectMeta };

/** What becomes of an object's dependents by default; objects with `none` are never held for theirs. */
export type Dependents = 'deleted' | 'orphaned' | 'none';

/** What of the resource matters to a deletion. */
export interface DeletionRules {
  /** Grace period in seconds for what the client asked; undefined for resources that are not deleted gracefully. */
  readonly grace: number | undefined;
  /** The object may not go even without metadata.finalizers (a namespace with contents). */
  readonly held: boolean;
  /** What becomes of dependents where nobody says: they go too, they stay, or the resource has none. */
  readonly dependents?: Dependents;
  /** Now, whole seconds RFC 3339. */
  readonly at: (secondsFromNow: number) => string;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** The finalizers that the options ask for, in place of those of an earlier wish. */
export function finalizersFor(finalizers: readonly string[], options: DeleteOptions, dependents: Dependents = 'deleted'): string[] {
  const rest = finalizers.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (dependents === 'none') return rest;
  const orphans = finalizers.includes(ORPHAN) || (dependents === 'orphaned' && !finalizers.includes(FOREGROUND));
  if (wishes(options, 'Orphan', options.orphanDependents === true, orphans)) rest.push(ORPHAN);
  if (wishes(options, 'Foreground', false, finalizers.includes(FOREGROUND) && options.orphanDependents === undefined))
    rest.push(FOREGROUND);
  return rest;
}

function wishes(options: DeleteOptions, policy: string, legacy: boolean, before: boolean): boolean {
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === policy;
  return options.orphanDependents !== undefined ? legacy : before;
}

/** Plans the deletion of `object`. */
export function planDeletion(object: KubeObject, options: DeleteOptions, rules: DeletionRules): DeletionPlan {
  const meta = object.metadata;
  const finalizers = finalizersFor(meta.finalizers ?? [], options, rules.dependents);
  const graceful = rules.grace === undefined ? undefined : gracefulTimes(meta, options, rules);
  if (graceful === 'pending') return sameList(finalizers, meta.finalizers ?? []) ? { action: 'none' } : mark(meta, finalizers, {});
  const wait = graceful !== undefined && (graceful.deletionGracePeriodSeconds ?? 0) > 0;
  if (!wait && finalizers.length === 0 && !rules.held) return { action: 'remove', metadata: mark(meta, [], graceful ?? {}).metadata };
  const times = graceful ?? (meta.deletionTimestamp ? {} : timesAtOnce(rules));
  if (Object.keys(times).length === 0 && sameList(finalizers, meta.finalizers ?? [])) return { action: 'none' };
  return mark(meta, finalizers, times);
}

/** The times of a deletion that waits for nothing but finalizers. What is held by more than those has no grace period to tell. */
function timesAtOnce({ at, held }: DeletionRules): Partial<ObjectMeta> {
  return { deletionTimestamp: at(0), ...(!held && { deletionGracePeriodSeconds: 0 }) };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function mark(meta: ObjectMeta, finalizers: readonly string[], times: Partial<ObjectMeta>): DeletionPlan & { action: 'mark' } {
  const { finalizers: _, ...rest } = meta;
  const metadata: ObjectMeta = { ...rest, ...times };
  if (finalizers.length > 0) metadata.finalizers = [...finalizers];
  if (!meta.deletionTimestamp && metadata.deletionTimestamp && meta.generation) metadata.generation = meta.generation + 1;
  return { action: 'mark', metadata };
}

/** Times of a graceful deletion; `pending` = the one under way stands; undefined = remove at once. */
function gracefulTimes(meta: ObjectMeta, options: DeleteOptions, rules: DeletionRules): Partial<ObjectMeta> | 'pending' | undefined {
  const grace = rules.grace ?? 0;
  if (!meta.deletionTimestamp) return { deletionTimestamp: rules.at(grace), deletionGracePeriodSeconds: grace };
  const before = meta.deletionGracePeriodSeconds ?? 0;
  if (before === 0) return undefined;
  // A second delete can only shorten the grace period.
  const asked = options.gracePeriodSeconds;
  if (asked === undefined || grace >= before) return 'pending';
  const start = Date.parse(meta.deletionTimestamp) - before * 1000;
  return { deletionTimestamp: rfc3339(start + grace * 1000), deletionGracePeriodSeconds: grace };
}

/** Whether a write that leaves `object` like this takes it out of the store: its deletion waited for finalizers only. */
export function isDeletionDone(object: KubeObject, held: boolean): boolean {
  const meta = object.metadata;
  return Boolean(meta.deletionTimestamp) && (meta.finalizers?.length ?? 0) === 0 && (meta.deletionGracePeriodSeconds ?? 0) === 0 && !held;
}
