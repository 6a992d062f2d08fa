// The cells of a pod: the STATUS column has the most rules of any. Pure.

import type { KubeObject } from '../object.ts';
import type { ContainerStatus, Pod } from '../types/core-v1.gen.ts';
import type { TableRowCondition } from '../types/meta-v1.gen.ts';
import type { Cell } from './columns.ts';
import { age, humanDuration, NONE } from './format.ts';

interface Summary {
  status: string;
  ready: number;
  restarts: number;
  lastRestart: number;
}

const isSidecar = (pod: Pod, name: string): boolean =>
  pod.spec.initContainers?.some((c) => c.name === name && c.restartPolicy === 'Always') ?? false;

const hasCondition = (pod: Pod, type: string): boolean =>
  pod.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;

/** The cells of a pod. */
export function podCells(object: KubeObject, now: number): Cell[] {
  const pod = object as Pod;
  const { status, ready, restarts, lastRestart } = summarize(pod);
  const total = pod.spec.containers.length + (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').length;
  const gates = pod.spec.readinessGates ?? [];
  const open = gates.filter((gate) => hasCondition(pod, gate.conditionType)).length;
  return [
    pod.metadata.name ?? '',
    `${ready}/${total}`,
    status,
    restarts > 0 && lastRestart > 0 ? `${restarts} (${humanDuration(now - lastRestart)} ago)` : `${restarts}`,
    age(pod.metadata.creationTimestamp, now),
    pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || NONE,
    pod.spec.nodeName || NONE,
    pod.status?.nominatedNodeName || NONE,
    gates.length > 0 ? `${open}/${gates.length}` : NONE,
  ];
}

/** Marks pods that are done. */
export function podConditions(object: KubeObject): TableRowCondition[] {
  const phase = (object as Pod).status?.phase;
  if (phase === 'Succeeded')
    return [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }];
  if (phase === 'Failed') return [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }];
  return [];
}

function summarize(pod: Pod): Summary {
  const gated = pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  const summary: Summary = {
    status: gated ? 'SchedulingGated' : pod.status?.reason || pod.status?.phase || '',
    ready: 0,
    restarts: 0,
    lastRestart: 0,
  };
  const initializing = addInitContainers(pod, summary);
  if (!initializing || hasCondition(pod, 'Initialized')) addContainers(pod, summary);
  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === 'NodeLost') summary.status = 'Unknown';
    else if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') summary.status = 'Terminating';
  }
  return summary;
}

function countRestarts(summary: Summary, status: ContainerStatus): void {
  summary.restarts += status.restartCount ?? 0;
  const finished = status.lastState?.terminated?.finishedAt;
  if (finished) summary.lastRestart = Math.max(summary.lastRestart, Date.parse(finished));
}

/** Counts restarts and ready sidecars; whether an init container still has to finish. */
function addInitContainers(pod: Pod, summary: Summary): boolean {
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    countRestarts(summary, status);
    const { terminated, waiting } = status.state ?? {};
    const sidecar = isSidecar(pod, status.name);
    if (terminated && terminated.exitCode === 0 && !sidecar) continue;
    if (sidecar && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    if (terminated) summary.status = `Init:${terminatedReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.status = `Init:${waiting.reason}`;
    else summary.status = `Init:${index}/${pod.spec.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

function terminatedReason(terminated: { reason?: string; signal?: number; exitCode?: number }): string {
  return terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`);
}

function addContainers(pod: Pod, summary: Summary): void {
  // Restarts of init containers that are done no longer count; those of sidecars do.
  const sidecars = (pod.status?.initContainerStatuses ?? []).filter((status) => isSidecar(pod, status.name));
  summary.restarts = 0;
  summary.lastRestart = 0;
  for (const status of sidecars) countRestarts(summary, status);
  let running = false;
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    countRestarts(summary, status);
    const { terminated, waiting } = status.state ?? {};
    if (waiting?.reason) summary.status = waiting.reason;
    else if (terminated) summary.status = terminatedReason(terminated);
    else if (status.ready && status.state?.running) {
      running = true;
      summary.ready++;
    }
  }
  if (summary.status === 'Completed' && running) summary.status = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
}
