// The status of one container as the API shows it, from what the runtime has of it. Pure.

import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
  ResourceRequirements,
} from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import { instancesOf, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import type { PodContainer } from './pod-containers.ts';
import type { ProbeState } from './ports.ts';
import type { EarlierRound } from './restart-rounds.ts';
import { restartDecision } from './restart-rules.ts';

/** Why a container waits. */
export interface WaitingReason {
  readonly reason: string;
  readonly message: string;
}

/** What a container's status depends on besides spec and runtime. */
export interface ContainerFacts {
  /** Containers that could not be started or wait for their back-off, by name. */
  readonly waiting: ReadonlyMap<string, WaitingReason>;
  probe(container: string): ProbeState | undefined;
  /** What the container of that id has now, when it is not what is allocated. */
  resources?(containerId: string): ResourceRequirements | undefined;
  /** Nothing of the pod will be started again. */
  readonly terminal: boolean;
}

/** Name of the runtime in container ids. */
const RUNTIME = 'containerd';

/** The status of `target`; `previous` is what the API has now. */
export function containerStatus(
  pod: Pod,
  target: PodContainer,
  {
    observed,
    previous,
    facts,
    isEarlier,
  }: {
    observed: ObservedPod;
    previous: ContainerStatus | undefined;
    facts: ContainerFacts;
    isEarlier: EarlierRound;
  },
): ContainerStatus {
  const { container } = target;
  const [newest, before] = instancesOf(observed, container.name);
  if (!newest) return withoutInstance(pod, target, { previous, facts });
  const isOver = !facts.terminal && isEarlier(newest);
  const states = statesOf(pod, target, { newest, before, facts, previous, isOver });
  const running = states.state.running !== undefined;
  const probe = facts.probe(container.name);
  const started = running && target.kind !== 'init' && (probe?.started ?? true);
  return {
    name: container.name,
    state: states.state,
    lastState: states.last,
    ready: target.kind === 'init' ? newest.state === 'exited' && newest.exitCode === 0 && !isOver : running && (probe?.ready ?? true),
    restartCount: newest.attempt,
    image: newest.image || (container.image ?? ''),
    imageID: newest.imageId,
    containerID: `${RUNTIME}://${newest.id}`,
    started,
    ...resourcesOf(container, running ? facts.resources?.(newest.id) : undefined),
    ...mountsOf(container),
  };
}

interface Life {
  readonly newest: ObservedContainer;
  readonly before: ObservedContainer | undefined;
  readonly facts: ContainerFacts;
  readonly previous: ContainerStatus | undefined;
  /** It is to run again, for the newest instance is of an earlier round. */
  readonly isOver: boolean;
}

function statesOf(
  pod: Pod,
  target: PodContainer,
  { newest, before, facts, previous, isOver }: Life,
): { state: ContainerState; last: ContainerState } {
  const last: ContainerState = before?.state === 'exited' ? { terminated: terminated(before) } : lastKnown(newest, previous);
  const waiting = facts.waiting.get(newest.name);
  if (newest.state === 'running') return { state: { running: { startedAt: rfc3339(newest.startedAtMs) } }, last };
  if (newest.state !== 'exited') return { state: { waiting: waiting ?? { reason: 'ContainerCreating' } }, last };
  if (isOver) return { state: { waiting: waiting ?? notYet(pod) }, last: { terminated: terminated(newest) } };
  const restarts = !facts.terminal && restartDecision(pod, target.container, target.kind, newest.exitCode) === 'restart';
  if (waiting && restarts) return { state: { waiting }, last: { terminated: terminated(newest) } };
  return { state: { terminated: terminated(newest) }, last };
}

/** The last state stays although the runtime's record of it was collected. */
function lastKnown(newest: ObservedContainer, previous: ContainerStatus | undefined): ContainerState {
  if (newest.attempt === 0 || !previous) return {};
  const same = previous.containerID === `${RUNTIME}://${newest.id}`;
  if (same) return previous.lastState ?? {};
  return previous.state?.terminated ? { terminated: previous.state.terminated } : (previous.lastState ?? {});
}

function terminated(run: ObservedContainer): ContainerStateTerminated {
  return {
    exitCode: run.exitCode,
    reason: run.reason || (run.exitCode === 0 ? 'Completed' : 'Error'),
    ...(run.message && { message: run.message }),
    startedAt: rfc3339(run.startedAtMs),
    finishedAt: rfc3339(run.finishedAtMs),
    containerID: `${RUNTIME}://${run.id}`,
  };
}

/** Why a container waits that has nothing against it. */
const notYet = ({ spec }: Pod): { reason: string } => ({
  reason: spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating',
});

function withoutInstance(
  pod: Pod,
  { container }: PodContainer,
  { previous, facts }: { previous: ContainerStatus | undefined; facts: ContainerFacts },
): ContainerStatus {
  if (previous?.state?.terminated) return previous; // its record was collected
  const base = {
    name: container.name,
    ready: false,
    restartCount: previous?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
    ...resourcesOf(container),
    ...mountsOf(container),
  };
  if (previous?.state?.running) return { ...base, ...lost(previous, facts.terminal) };
  return { ...base, state: { waiting: facts.waiting.get(container.name) ?? notYet(pod) }, lastState: previous?.lastState ?? {} };
}

/** A container that was running and of which the runtime knows nothing now. */
function lost(previous: ContainerStatus, terminal: boolean): Partial<ContainerStatus> {
  const end: ContainerStateTerminated = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: `The container could not be located when the pod was ${terminal ? 'terminated' : 'deleted.  The container used to be Running'}`,
  };
  if (terminal) return { state: { terminated: end }, lastState: previous.lastState ?? {} };
  return { state: { waiting: { reason: 'ContainerCreating' } }, lastState: { terminated: end }, restartCount: previous.restartCount };
}

function resourcesOf({ resources }: Container, actual = resources): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const allocated = resources?.requests;
  const { requests, limits } = actual ?? {};
  return { ...(allocated && { allocatedResources: allocated }), resources: { ...(limits && { limits }), ...(requests && { requests }) } };
}

function mountsOf({ volumeMounts = [] }: Container): Pick<ContainerStatus, 'volumeMounts'> {
  if (volumeMounts.length === 0) return {};
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }),
    })),
  };
}
