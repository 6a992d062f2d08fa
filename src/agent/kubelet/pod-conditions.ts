// The conditions a kubelet writes: PodReadyToStartContainers, Initialized, Ready, ContainersReady, PodScheduled. Pure.

import { isSidecar } from '../../api/pod-resources.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { PodPhase } from './pod-phase.ts';
import type { ResizeCondition } from './pod-resizer.ts';
import { canBeginRounds } from './restart-rounds.ts';

/** What conditions depend on. */
export interface ConditionFacts {
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
  /** A sandbox with network is there. */
  readonly hasSandbox: boolean;
  readonly nowMs: number;
  /** Where a resize in place stands. */
  readonly resize?: readonly ResizeCondition[];
  /** Containers are being ended because all of them run anew. */
  readonly restartsAll?: boolean;
}

/** The condition of pods that can have all their containers run anew. */
export const RESTART_CONDITION = 'AllContainersRestarting';
/** Conditions that are there only while they are true. */
export const RESIZE_CONDITIONS = ['PodResizePending', 'PodResizeInProgress'] as const;

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const TRUE: Verdict = { status: 'True' };
const no = (reason: string, message?: string): Verdict => ({ status: 'False', reason, ...(message && { message }) });

/** All conditions of the pod: the kubelet's own first, those of others as they were. Transition times move only with the status. */
export function podConditions(pod: Pod, facts: ConditionFacts): PodCondition[] {
  const containersReady = containersVerdict(pod, facts);
  const own: [string, Verdict][] = [
    ['PodReadyToStartContainers', { status: facts.hasSandbox ? 'True' : 'False' }],
    ['Initialized', initializedVerdict(pod, facts)],
    ['Ready', readyVerdict(pod, containersReady)],
    ['ContainersReady', containersReady],
    ['PodScheduled', TRUE],
    ...(canBeginRounds(pod) ? [[RESTART_CONDITION, restartVerdict(facts)] satisfies [string, Verdict]] : []),
    ...(facts.resize ?? []).map(({ type, ...verdict }): [string, Verdict] => [type, verdict]),
  ];
  const before = new Map((pod.status?.conditions ?? []).map((c) => [c.type, c]));
  const mine = own.map(([type, verdict]) => condition(pod, type, { verdict, before: before.get(type), nowMs: facts.nowMs }));
  const names = new Set<string>([...own.map(([type]) => type), ...RESIZE_CONDITIONS]);
  return [...mine, ...(pod.status?.conditions ?? []).filter((c) => !names.has(c.type))];
}

function condition(
  pod: Pod,
  type: string,
  { verdict, before, nowMs }: { verdict: Verdict; before: PodCondition | undefined; nowMs: number },
): PodCondition {
  const { generation } = pod.metadata;
  const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  return {
    type,
    ...(generation !== undefined && { observedGeneration: generation }),
    ...verdict,
    lastTransitionTime: since ?? rfc3339(nowMs),
  };
}

const list = (names: readonly string[]): string => `[${names.join(' ')}]`;

function restartVerdict({ phase, restartsAll }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted');
  if (phase === 'Failed') return no('PodFailed');
  if (!restartsAll) return { status: 'False' };
  return { status: 'True', reason: 'RestartAllContainersStarted', message: 'container exited with restart policy rule' };
}

function initializedVerdict(pod: Pod, { init, phase, regular }: ConditionFacts): Verdict {
  const containers = pod.spec.initContainers ?? [];
  if (containers.length === 0) return TRUE;
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (regular.some((s) => s.state?.running || s.state?.terminated)) return TRUE;
  const done = (name: string, sidecar: boolean): boolean => {
    const status = init.find((s) => s.name === name);
    return sidecar ? status?.started === true : status?.state?.terminated?.exitCode === 0;
  };
  // Once initialized it stays so while all its containers run anew.
  if (canBeginRounds(pod) && pod.status?.conditions?.some((c) => c.type === 'Initialized' && c.status === 'True')) return TRUE;
  const unfinished = containers.filter((c) => !done(c.name, isSidecar(c))).map((c) => c.name);
  if (unfinished.length === 0) return TRUE;
  return no('ContainersNotInitialized', `containers with incomplete status: ${list(unfinished)}`);
}

function containersVerdict(pod: Pod, { phase, init, regular }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted');
  if (phase === 'Failed') return no('PodFailed');
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map((c) => init.find((s) => s.name === c.name));
  const statuses = [...sidecars, ...pod.spec.containers.map((c) => regular.find((s) => s.name === c.name))];
  const unready = statuses.flatMap((s) => (s && !s.ready ? [s.name] : []));
  return unready.length === 0 ? TRUE : no('ContainersNotReady', `containers with unready status: ${list(unready)}`);
}

function readyVerdict(pod: Pod, containers: Verdict): Verdict {
  if (containers.status !== 'True') return containers;
  const conditions = pod.status?.conditions ?? [];
  const failing = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = conditions.find((c) => c.type === conditionType);
    if (!gate) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return gate.status === 'True' ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  return failing.length === 0 ? TRUE : no('ReadinessGatesNotReady', failing.join(', '));
}
