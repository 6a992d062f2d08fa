// Keeps the status of ResourceQuotas: admission adds what is written, this controller counts again when something went, when a
// quota is new or changed, and from time to time. It follows only resources that some quota counts: without quotas it does nothing.

import { deepEqual } from '../../api/copy.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { groupResourceString, type ResourceInfo } from '../../api/resources.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { ResourceQuota } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, type LoopSource, source } from '../../client/controller-loop.ts';
import type { Change, Informer } from '../../client/informer.ts';
import type { ReconcileResult, WorkQueue } from '../../client/reconciler.ts';
import { RESOURCE_QUOTAS } from '../../client/resources.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { type CountedObjects, type CountedResource, countedResources, givesBack, planQuotaStatus } from './resource-quota-plan.ts';

/** Between two full counts of a quota: upstream's --resource-quota-sync-period. */
const RESYNC_MS = 300_000;
/** A quota may count custom resources that are not served yet. */
const RETRY_MS = 30_000;
/** Deletions come in crowds: what goes within this time is counted once. */
const GATHER_MS = 100;
/** Objects listed in one go. */
const PAGE = 500;

type Deps = Pick<ControllerManagerDeps, 'client' | 'clock' | 'informers' | 'log' | 'resources'>;
type Quota = ResourceQuota & KubeObject;

/** The controller. Its keys are quotas. */
export function resourceQuotaController(deps: Deps): Component {
  const setup = (queue: WorkQueue) => {
    const quotas = deps.informers.informer(RESOURCE_QUOTAS);
    const followed = new FollowedResources({ quotas, queue }, deps);
    const ownChanges = source(quotas, ({ type, object, old }) =>
      type === 'deleted' || (old && deepEqual(object.spec, old.spec)) ? [] : [keyOf(object)],
    );
    const others: LoopSource = { synced: () => Promise.resolve(), subscribe: () => () => followed.close() };
    const reconcile = (key: string, signal: AbortSignal) => recount(deps, { key, followed }, signal);
    return { sources: [ownChanges, others], reconcile };
  };
  return new ControllerLoop({ name: 'resource-quota', setup }, deps);
}

/** The resources whose objects are watched for what they give back. */
class FollowedResources {
  readonly #quotas: Informer<Quota>;
  readonly #queue: WorkQueue;
  readonly #deps: Deps;
  readonly #unsubscribe = new Map<string, () => void>();

  constructor(options: { readonly quotas: Informer<Quota>; readonly queue: WorkQueue }, deps: Deps) {
    this.#quotas = options.quotas;
    this.#queue = options.queue;
    this.#deps = deps;
  }

  /** Follows what is not followed yet; resolves when nothing that goes from now on is missed. */
  async follow(counted: readonly CountedResource[], signal: AbortSignal): Promise<void> {
    for (const { resource, evaluator } of counted) {
      const name = groupResourceString(resource);
      if (this.#unsubscribe.has(name) || !resource.verbs.includes('watch')) continue;
      const changed = (change: Change<KubeObject>): void => {
        if (givesBack(change, evaluator, this.#deps.clock.now())) this.#recountSoon(change.object, resource);
      };
      const informer = this.#deps.informers.informer<KubeObject>(resource);
      this.#unsubscribe.set(name, informer.onChange(changed));
      await informer.synced(signal);
    }
  }

  #recountSoon({ metadata: { namespace = '' } }: KubeObject, resource: ResourceInfo): void {
    for (const quota of this.#quotas.lister.list(namespace)) {
      if (countedResources(quota, [resource]).length > 0) this.#queue.addAfter(keyOf(quota), GATHER_MS);
    }
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe.values()) unsubscribe();
    this.#unsubscribe.clear();
  }
}

async function recount(
  deps: Deps,
  { key, followed }: { key: string; followed: FollowedResources },
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  // The quota is read before the objects: if admission books something in between, the write below meets a newer quota and fails.
  const quota = await readQuota(deps, key, signal);
  if (!quota) return undefined;
  const counted = countedResources(quota, deps.resources());
  await followed.follow(counted, signal);
  const objects: CountedObjects[] = [];
  for (const { resource, evaluator } of counted) {
    objects.push({ evaluator, objects: await listAll(deps, { resource, namespace: quota.metadata.namespace ?? '' }, signal) });
  }
  const status = planQuotaStatus(quota, objects, deps.clock.now());
  if (status) await writeStatus(deps, { ...quota, status }, signal);
  return { requeueAfterMs: countsUnserved(quota, counted) ? RETRY_MS : RESYNC_MS };
}

function countsUnserved({ spec }: Quota, counted: readonly CountedResource[]): boolean {
  const names = Object.keys(spec?.hard ?? {}).filter((name) => name.startsWith('count/'));
  return names.some((name) => !counted.some(({ evaluator }) => evaluator.counts(name)));
}

async function readQuota(deps: Deps, key: string, signal: AbortSignal): Promise<Quota | undefined> {
  try {
    return await deps.client.get(RESOURCE_QUOTAS, nameOf(key), { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function listAll(
  deps: Deps,
  { resource, namespace }: { resource: ResourceInfo; namespace: string },
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const all: KubeObject[] = [];
  let next: string | undefined;
  do {
    const page = await deps.client.list(resource, { namespace, limit: PAGE, ...(next && { continue: next }), signal });
    all.push(...page.items);
    next = page.metadata.continue;
  } while (next);
  return all;
}

async function writeStatus(deps: Deps, quota: Quota, signal: AbortSignal): Promise<void> {
  try {
    await deps.client.update(RESOURCE_QUOTAS, quota, { subresource: 'status', signal });
  } catch (error) {
    if (!isNotFound(error)) throw error; // A conflict comes again with what is new.
  }
}
