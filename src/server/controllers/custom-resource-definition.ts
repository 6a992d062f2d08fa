// Keeps the status of CustomResourceDefinitions, and deletes the instances of those that are being deleted before it lets them go.

import { deepEqual } from '../../api/copy.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../api/types/apiextensions-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { TypedResource } from '../../client/client.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../client/resources.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { isConditionTrue, planDefinitionStatus, withCondition } from './custom-resource-definition-plan.ts';

/** The finalizer that the API server sets on a definition when it is deleted. */
const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
/** Instances with finalizers need their time: they are looked at again after this. */
const RETRY_MS = 1_000;

type Deps = Pick<ControllerManagerDeps, 'client' | 'clock' | 'informers' | 'log'>;

/** The controller. Its keys are names of definitions. */
export function customResourceDefinitionController(deps: Deps): Component {
  const setup = () => {
    const definitions = deps.informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
    const { lister } = definitions;
    const changes = source(definitions, ({ object }) => [object.metadata.name ?? '', ...waitingForNames(lister, object)]);
    return { sources: [changes], reconcile: (name: string, signal: AbortSignal) => reconcile(deps, { name, lister }, signal) };
  };
  // One at a time: of two that wish for one name, the second must see what the first was given.
  return new ControllerLoop({ name: 'custom-resource-definition', workers: 1, setup }, deps);
}

/** The definitions of a group that did not get all their names: what changes may have set one free. */
function waitingForNames(lister: Lister<CustomResourceDefinition>, { spec }: CustomResourceDefinition): string[] {
  return lister.list().flatMap((other) => {
    const waits = other.spec.group === spec.group && other.status !== undefined && !isConditionTrue(other, 'NamesAccepted');
    return waits ? [other.metadata.name ?? ''] : [];
  });
}

async function reconcile(
  deps: Deps,
  { name, lister }: { name: string; lister: Lister<CustomResourceDefinition> },
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const live = await readLive(deps, name, signal);
  if (!live) return undefined;
  if (live.metadata.deletionTimestamp) return await cleanUp(deps, live, signal);
  const all = (await deps.client.list(CUSTOM_RESOURCE_DEFINITIONS, { signal })).items;
  const others = (all.length > 0 ? all : lister.list()).filter(({ metadata }) => metadata.name !== name);
  const status = planDefinitionStatus(live, others, rfc3339(deps.clock.now()));
  if (status !== live.status) await writeStatus(deps, { ...live, status }, signal);
  return undefined;
}

async function readLive(deps: Deps, name: string, signal: AbortSignal): Promise<CustomResourceDefinition | undefined> {
  try {
    return await deps.client.get(CUSTOM_RESOURCE_DEFINITIONS, { namespace: '', name }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function writeStatus(deps: Deps, definition: CustomResourceDefinition, signal: AbortSignal): Promise<CustomResourceDefinition> {
  return await deps.client.update(CUSTOM_RESOURCE_DEFINITIONS, definition, { subresource: 'status', signal });
}

async function cleanUp(deps: Deps, definition: CustomResourceDefinition, signal: AbortSignal): Promise<ReconcileResult | undefined> {
  const { finalizers = [] } = definition.metadata;
  if (!finalizers.includes(FINALIZER)) return undefined;
  const now = rfc3339(deps.clock.now());
  const inProgress = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
  const begun = await saidOf(deps, definition, { condition: inProgress, now }, signal);
  if (isConditionTrue(begun, 'Established') && (await deleteInstances(deps, begun, signal)) > 0) return { requeueAfterMs: RETRY_MS };
  const done = terminating('False', 'InstanceDeletionCompleted', 'removed all instances');
  const conditions = withCondition(begun.status?.conditions ?? [], done, now);
  const metadata = { ...begun.metadata, finalizers: finalizers.filter((name) => name !== FINALIZER) };
  await writeStatus(deps, { ...begun, metadata, status: { ...begun.status, conditions } }, signal);
  return undefined;
}

type Condition = Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;

const terminating = (status: 'True' | 'False', reason: string, message: string): Condition => ({
  type: 'Terminating',
  status,
  reason,
  message,
});

/** The definition with a condition, written if it is new. */
async function saidOf(
  deps: Deps,
  definition: CustomResourceDefinition,
  { condition, now }: { condition: Condition; now: string },
  signal: AbortSignal,
): Promise<CustomResourceDefinition> {
  const before = definition.status?.conditions ?? [];
  const conditions = withCondition(before, condition, now);
  if (deepEqual(before, conditions)) return definition;
  return await writeStatus(deps, { ...definition, status: { ...definition.status, conditions } }, signal);
}

/** Deletes all instances; resolves to how many are left. While a definition goes, its storage version is served when no other is. */
async function deleteInstances(deps: Deps, { spec }: CustomResourceDefinition, signal: AbortSignal): Promise<number> {
  const version =
    spec.versions.find(({ served, storage }) => served && storage) ??
    spec.versions.find(({ served }) => served) ??
    spec.versions.find(({ storage }) => storage);
  if (!version) return 0;
  const { plural: resource, kind } = spec.names;
  const instances: TypedResource<CustomResourceDefinition> = {
    group: spec.group,
    version: version.name,
    resource,
    kind,
    namespaced: spec.scope === 'Namespaced',
  };
  try {
    await deps.client.deleteCollection(instances, {}, { signal });
    return (await deps.client.list(instances, { signal, limit: 1 })).items.length;
  } catch (error) {
    // No longer served, so there is nothing that could be left.
    if (isNotFound(error)) return 0;
    throw error;
  }
}
