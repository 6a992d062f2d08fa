// Empties a namespace that is being deleted, says in its conditions what is left, and lets it go when it is empty.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { groupResourceString, type ResourceInfo } from '../../api/resources.ts';
import { hasReason, isConflict, isNotFound, StatusError } from '../../api/status-error.ts';
import type { Namespace } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { NAMESPACES, PODS } from '../../client/resources.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { type ContentOutcome, countFinalizers, deletionOrder, planConditions } from './namespace-plan.ts';

/** The finalizer of spec that this controller removes. */
const FINALIZER = 'kubernetes';
/** Content that needs its time (finalizers, grace periods) is looked at again after this. */
const RETRY_MS = 2_000;
/** An extension API server that does not answer is waited for, looking again after this. */
const UNREACHABLE_RETRY_MS = 10_000;
/** Objects a page of the list of what is left. */
const PAGE_SIZE = 500;

type Deps = Pick<ControllerManagerDeps, 'client' | 'clock' | 'extensions' | 'informers' | 'log' | 'resources'>;
type TerminatingNamespace = Namespace & KubeObject;

/** The controller. Its keys are names of namespaces. */
export function namespaceController(deps: Deps): Component {
  const setup = () => {
    const namespaces = deps.informers.informer(NAMESPACES);
    const isGoing = (name: string): boolean => namespaces.lister.get(name)?.metadata.deletionTimestamp !== undefined;
    const pods = source(deps.informers.informer(PODS), ({ type, object }) => {
      const name = object.metadata.namespace ?? '';
      return type === 'deleted' && isGoing(name) ? [name] : [];
    });
    const reconcile = (name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> =>
      isGoing(name) ? terminate(deps, name, signal) : Promise.resolve(undefined);
    return { sources: [source(namespaces), pods], reconcile };
  };
  return new ControllerLoop({ name: 'namespace', setup }, deps);
}

async function terminate(deps: Deps, name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
  const namespace = await readLive(deps, name, signal);
  if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(FINALIZER)) return undefined;
  const outcome = await deleteContent(deps, name, signal);
  if (outcome.errors.length === 0 && outcome.unreachable.length === 0 && outcome.remaining.size === 0) {
    await finalize(deps, namespace, signal);
    return undefined;
  }
  await report(deps, { namespace, outcome }, signal);
  if (outcome.errors.length > 0) throw new StatusError(500, 'InternalError', outcome.errors.join('; '));
  return { requeueAfterMs: outcome.remaining.size > 0 ? RETRY_MS : UNREACHABLE_RETRY_MS };
}

async function readLive(deps: Deps, name: string, signal: AbortSignal): Promise<TerminatingNamespace | undefined> {
  try {
    return await deps.client.get(NAMESPACES, { namespace: '', name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function deleteContent(deps: Deps, namespace: string, signal: AbortSignal): Promise<ContentOutcome> {
  // What can be found is deleted, whatever cannot.
  const { resources, unreachable } = deps.extensions();
  const outcome = { unreachable, errors: [] as string[], remaining: new Map<string, number>(), finalizers: new Map<string, number>() };
  const order = deletionOrder([...deps.resources(), ...resources]);
  for (const resources of [order.first, order.rest]) {
    for (const resource of resources) {
      try {
        const left = await deleteAll(deps, { resource, namespace }, signal);
        if (left.length > 0) outcome.remaining.set(groupResourceString(resource), left.length);
        countFinalizers(left, outcome.finalizers);
      } catch (error) {
        signal.throwIfAborted();
        outcome.errors.push(`${groupResourceString(resource)}: ${messageOf(error)}`);
      }
    }
    if (outcome.remaining.size > 0 || outcome.errors.length > 0) return outcome;
  }
  return outcome;
}

/** Deletes the namespace's objects of one resource; resolves to those that stay for now. */
async function deleteAll(
  deps: Deps,
  { resource, namespace }: { resource: ResourceInfo; namespace: string },
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const before = await listAll(deps, { resource, namespace }, signal);
  if (before.length === 0) return [];
  const options = { propagationPolicy: 'Background', signal };
  if (resource.verbs.includes('deletecollection')) await deps.client.deleteCollection(resource, { namespace }, options);
  else {
    for (const { metadata } of before) {
      await deps.client.delete(resource, { namespace, name: metadata.name ?? '' }, options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }
  return await listAll(deps, { resource, namespace }, signal);
}

async function listAll(
  deps: Deps,
  { resource, namespace }: { resource: ResourceInfo; namespace: string },
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const items: KubeObject[] = [];
  let token: string | undefined;
  do {
    try {
      const page = await deps.client.list(resource, { namespace, limit: PAGE_SIZE, signal, ...(token && { continue: token }) });
      items.push(...page.items);
      token = page.metadata.continue;
    } catch (error) {
      // The resource is no longer served, or cannot be listed: nothing of it can be left.
      if (hasReason(error, 'NotFound', 'MethodNotAllowed')) return items;
      throw error;
    }
  } while (token);
  return items;
}

async function report(
  deps: Deps,
  { namespace, outcome }: { namespace: TerminatingNamespace; outcome: ContentOutcome },
  signal: AbortSignal,
): Promise<void> {
  const before = namespace.status ?? {};
  const conditions = planConditions(before.conditions ?? [], outcome, rfc3339(deps.clock.now()));
  const status = { ...before, phase: 'Terminating', conditions };
  if (!deepEqual(before, status)) await deps.client.update(NAMESPACES, { ...namespace, status }, { subresource: 'status', signal });
}

async function finalize(deps: Deps, namespace: TerminatingNamespace, signal: AbortSignal): Promise<void> {
  const finalizers = namespace.spec?.finalizers?.filter((name) => name !== FINALIZER) ?? [];
  try {
    await deps.client.update(NAMESPACES, { ...namespace, spec: { ...namespace.spec, finalizers } }, { subresource: 'finalize', signal });
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isConflict(error)) throw error;
    const live = await readLive(deps, namespace.metadata.name ?? '', signal);
    if (live && live.metadata.uid === namespace.metadata.uid) await finalize(deps, live, signal);
  }
}
