// What a DaemonSet has to create and delete, node by node, and what it says of itself: pure. The rules of upstream's
// controller, with rolling updates by maxUnavailable or maxSurge.

import type { KubeObject } from '../../api/object.ts';
import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { type NodeFit, nodeFit, nodeNameOf, REVISION_HASH_LABEL } from './daemon-set-nodes.ts';
import { scaledValue } from './int-or-percent.ts';
import { isPodAvailable, isPodReady, timeOf } from './replica-set-pods.ts';

type PodObject = Pod & KubeObject;
type SetObject = DaemonSet & KubeObject;

/** What a DaemonSet finds. */
export interface DaemonSetView {
  readonly set: SetObject;
  readonly nodes: readonly (Node & KubeObject)[];
  /** Its own pods. */
  readonly pods: readonly PodObject[];
  /** Hash of the template's revision. */
  readonly hash: string;
  readonly nowMs: number;
}

/** Node names to make pods for, and pods to delete. */
export interface DaemonSetPlan {
  readonly create: readonly string[];
  readonly delete: readonly PodObject[];
  /** Finished pods that are to be replaced, after a wait that grows by the node. */
  readonly replace: readonly PodObject[];
}

interface NodePods {
  readonly name: string;
  readonly fit: NodeFit;
  readonly pods: readonly PodObject[];
}

/** Pods of each node; pods whose node is not there are in `lost`. */
function byNode({ set, nodes, pods }: DaemonSetView): { places: NodePods[]; lost: PodObject[] } {
  const known = new Map<string, PodObject[]>(nodes.map((node) => [node.metadata.name ?? '', []]));
  const lost: PodObject[] = [];
  for (const pod of pods) (known.get(nodeNameOf(pod) ?? '') ?? lost).push(pod);
  const places = nodes.map((node) => {
    const name = node.metadata.name ?? '';
    return { name, fit: nodeFit(set, node), pods: known.get(name) ?? [] };
  });
  return { places, lost };
}

/** One pod on each node where one belongs, none elsewhere. */
export function planPlacement(view: DaemonSetView): DaemonSetPlan {
  const plan = { create: [] as string[], delete: [] as PodObject[], replace: [] as PodObject[] };
  const { places, lost } = byNode(view);
  for (const { name, fit, pods } of places) {
    if (fit.shouldRun && pods.length === 0) plan.create.push(name);
    else if (!fit.mayStay) plan.delete.push(...pods.filter(isStaying));
    else {
      const staying = pods.filter(isStaying);
      plan.replace.push(...staying.filter(isOver));
      plan.delete.push(
        ...surplus(
          view,
          staying.filter((pod) => !isOver(pod)),
        ),
      );
    }
  }
  // A pod that was never bound to a node that is gone would wait for ever; bound ones are the pod garbage collector's.
  plan.delete.push(...lost.filter((pod) => isStaying(pod) && !pod.spec?.nodeName));
  return plan;
}

/** Pods of one node beyond the one (while surging: beyond one old and one new). */
function surplus(view: DaemonSetView, running: readonly PodObject[]): PodObject[] {
  const sorted = running.toSorted((a, b) => createdAt(a) - createdAt(b));
  if (limits(view).maxSurge === 0) return sorted.slice(1);
  const [current, old] = [sorted.filter((pod) => isCurrent(view, pod)), sorted.filter((pod) => !isCurrent(view, pod))];
  return [...current.slice(1), ...old.slice(1)];
}

/** The next steps of a rolling update. */
export function planUpdate(view: DaemonSetView): DaemonSetPlan {
  const none = { create: [], delete: [], replace: [] };
  if (view.set.spec?.updateStrategy?.type === 'OnDelete') return none;
  const { maxSurge, maxUnavailable } = limits(view);
  const places = byNode(view).places.filter((place) => place.fit.shouldRun);
  return maxSurge > 0 ? planSurge(view, places, maxSurge) : planReplacement(view, places, maxUnavailable);
}

/** Deletes old pods: those that are not available at once, others as far as `maxUnavailable` allows. */
function planReplacement(view: DaemonSetView, places: readonly NodePods[], maxUnavailable: number): DaemonSetPlan {
  let unavailable = 0;
  const sick: PodObject[] = [];
  const candidates: PodObject[] = [];
  for (const place of places) {
    const { current, old, clear } = sides(view, place);
    if (!clear || (!current && !old)) unavailable++;
    else if (current) unavailable += isAvailable(view, current) ? 0 : 1;
    else if (old && !isAvailable(view, old)) sick.push(old);
    else if (old) candidates.push(old);
  }
  return { create: [], delete: [...sick, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable - sick.length))], replace: [] };
}

/** Makes new pods beside old ones as far as `maxSurge` allows; deletes an old one when its successor is available. */
function planSurge(view: DaemonSetView, places: readonly NodePods[], maxSurge: number): DaemonSetPlan {
  let surging = 0;
  const done: PodObject[] = [];
  const sick: string[] = [];
  const candidates: string[] = [];
  for (const place of places) {
    const { current, old, clear } = sides(view, place);
    if (!clear) surging++;
    else if (!old) continue;
    else if (current && isAvailable(view, current)) done.push(old);
    else if (current) surging++;
    else if (!isAvailable(view, old)) sick.push(place.name);
    else candidates.push(place.name);
  }
  return { create: [...sick, ...candidates.slice(0, Math.max(0, maxSurge - surging))], delete: done, replace: [] };
}

/** The pod of the current revision and an older one; not `clear` while the placement has a surplus to remove. */
function sides(view: DaemonSetView, { pods }: NodePods): { current?: PodObject; old?: PodObject; clear: boolean } {
  const staying = pods.filter(isStaying);
  const [current, ...more] = staying.filter((pod) => isCurrent(view, pod));
  const [old, ...older] = staying.filter((pod) => !isCurrent(view, pod));
  return { ...(current && { current }), ...(old && { old }), clear: more.length + older.length === 0 };
}

/** Bounds of an update in numbers of nodes. Percentages are of the nodes that should run a pod, rounded up. */
function limits(view: DaemonSetView): { maxSurge: number; maxUnavailable: number } {
  const { rollingUpdate, type } = view.set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return { maxSurge: 0, maxUnavailable: 0 };
  const desired = view.nodes.filter((node) => nodeFit(view.set, node).shouldRun).length;
  const maxSurge = scaledValue(rollingUpdate?.maxSurge, desired, Math.ceil);
  const maxUnavailable = scaledValue(rollingUpdate?.maxUnavailable ?? 1, desired, Math.ceil);
  return { maxSurge, maxUnavailable: maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable };
}

const isStaying = (pod: PodObject): boolean => pod.metadata.deletionTimestamp === undefined;
const isOver = (pod: PodObject): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
const isCurrent = ({ hash }: DaemonSetView, pod: PodObject): boolean => pod.metadata.labels?.[REVISION_HASH_LABEL] === hash;
const createdAt = (pod: PodObject): number => timeOf(pod.metadata.creationTimestamp) ?? 0;
const isAvailable = ({ set, nowMs }: DaemonSetView, pod: PodObject): boolean => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);

/** The status that the view shows. */
export function daemonSetStatus(view: DaemonSetView): DaemonSetStatus {
  const { places } = byNode(view);
  const wanted = places.filter((place) => place.fit.shouldRun);
  const shown = wanted.flatMap(({ pods }) => bestPod(pods) ?? []);
  const numberAvailable = shown.filter((pod) => isAvailable(view, pod)).length;
  return {
    ...view.set.status,
    currentNumberScheduled: wanted.filter((place) => place.pods.length > 0).length,
    numberMisscheduled: places.filter((place) => !place.fit.shouldRun && place.pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: shown.filter(isPodReady).length,
    updatedNumberScheduled: shown.filter((pod) => isCurrent(view, pod)).length,
    numberAvailable,
    numberUnavailable: wanted.length - numberAvailable,
    ...(view.set.metadata.generation !== undefined && { observedGeneration: view.set.metadata.generation }),
  };
}

/** The pod that stands for a node: a ready one, then the oldest. */
function bestPod(pods: readonly PodObject[]): PodObject | undefined {
  return pods.toSorted((a, b) => Number(isPodReady(b)) - Number(isPodReady(a)) || createdAt(a) - createdAt(b))[0];
}
