// What to do next for a pod: a pure decision from the desired pod and what the runtime has. The order of life is that of the
// documentation pages "Pod Lifecycle", "Init Containers" and "Sidecar Containers".

import type { Pod } from '../../api/types/core-v1.gen.ts';
import { containerHash } from './container-hash.ts';
import { instancesOf, type ObservedContainer, type ObservedPod, type ObservedSandbox, readySandbox } from './observed-pod.ts';
import { type PodContainer, podContainers } from './pod-containers.ts';
import type { ProbeState } from './ports.ts';
import { beganRound, type EarlierRound, earlierRound } from './restart-rounds.ts';
import { restartDecision } from './restart-rules.ts';

/** One thing to do, as data; pod-steps.ts does it. */
export type PodStep =
  | { readonly type: 'stop-sandboxes'; readonly reason: 'SandboxChanged' }
  | { readonly type: 'create-sandbox'; readonly attempt: number }
  | {
      readonly type: 'kill-container';
      readonly target: PodContainer;
      readonly instance: ObservedContainer;
      readonly message: string;
      readonly graceSeconds?: number;
    }
  | { readonly type: 'start-container'; readonly target: PodContainer; readonly attempt: number; readonly sandboxId: string }
  | { readonly type: 'back-off'; readonly target: PodContainer; readonly instance: ObservedContainer; readonly delayMs: number };

/** Facts the plan depends on besides pod and runtime. */
export interface PlanFacts {
  readonly nowMs: number;
  /** The restart delay of a container after its newest failure; 0 = none. */
  backoffMs(container: string, failedMs: number): number;
  probe(container: string): ProbeState | undefined;
}

/** The plan. */
export interface PodPlan {
  readonly steps: readonly PodStep[];
  /** Plan again after this time although nothing changes. */
  readonly againInMs: number | undefined;
}

const NOTHING: PodPlan = { steps: [], againInMs: undefined };

/** Decides for a pod that is neither being terminated nor done. After steps that did something, plan again. */
export function planPod(pod: Pod, observed: ObservedPod, facts: PlanFacts): PodPlan {
  const sandbox = readySandbox(observed);
  if (!sandbox) return planSandbox(pod, observed);
  return planContainers(pod, observed, { facts, sandbox });
}

/** There is no sandbox to work in: end what is left and make one, unless the pod has nothing more to run. */
function planSandbox(pod: Pod, observed: ObservedPod): PodPlan {
  if (!wantsSandbox(pod, observed)) return NOTHING;
  const steps: PodStep[] = [];
  const newest = observed.sandboxes[0];
  if (newest) steps.push({ type: 'stop-sandboxes', reason: 'SandboxChanged' });
  steps.push({ type: 'create-sandbox', attempt: newest ? newest.attempt + 1 : 0 });
  return { steps, againInMs: undefined };
}

function startStep(target: PodContainer, observed: ObservedPod, sandboxId: string): PodStep {
  const newest = instancesOf(observed, target.container.name)[0];
  return { type: 'start-container', target, attempt: newest ? newest.attempt + 1 : 0, sandboxId };
}

function wantsSandbox(pod: Pod, observed: ObservedPod): boolean {
  if (observed.sandboxes.length === 0) return true;
  const never = pod.spec.restartPolicy === 'Never' && observed.containers.length > 0;
  // With Never nothing that has run runs again but by a rule of its own; with OnFailure only what has not succeeded.
  return podContainers(pod).some((c) => {
    const newest = instancesOf(observed, c.container.name)[0];
    return c.kind === 'regular' && (!never || newest?.state === 'exited') && wantsRun(pod, c, newest);
  });
}

/** Whether a container that is not running should. */
function wantsRun(pod: Pod, { container, kind }: PodContainer, newest: ObservedContainer | undefined): boolean {
  if (!newest) return true;
  if (newest.state !== 'exited') return true;
  return restartDecision(pod, container, kind, newest.exitCode) === 'restart';
}

interface Scene {
  readonly facts: PlanFacts;
  readonly sandbox: ObservedSandbox;
}

function planContainers(pod: Pod, observed: ObservedPod, scene: Scene): PodPlan {
  const steps: PodStep[] = [];
  const waits: number[] = [];
  const all = podContainers(pod);
  const isEarlier = earlierRound(pod, observed);
  const ends = all.flatMap((target) => endOfRound(target, observed, isEarlier));
  if (ends.length > 0) return { steps: ends, againInMs: undefined };
  const inSandbox = (name: string): ObservedContainer | undefined =>
    instancesOf(observed, name).find((c) => c.sandboxId === scene.sandbox.id && !isEarlier(c));
  const consider = (target: PodContainer): void => {
    const step = nextStep(pod, target, { ...scene, observed, isEarlier, newest: inSandbox(target.container.name) });
    if (!step) return;
    if (step.type === 'back-off') waits.push(step.delayMs);
    steps.push(step);
  };
  for (const target of all.filter((c) => c.kind === 'ephemeral')) if (!instancesOf(observed, target.container.name)[0]) consider(target);
  const regular = all.filter((c) => c.kind === 'regular');
  if (initialized(all, inSandbox, scene.facts) || regular.some((c) => inSandbox(c.container.name))) {
    for (const target of all.filter((c) => c.kind === 'sidecar')) consider(target);
    for (const target of regular) consider(target);
  } else {
    const inits = all.filter((c) => c.kind === 'init' || c.kind === 'sidecar');
    for (const target of inits) {
      consider(target);
      if (!passed(target, inSandbox(target.container.name), scene.facts)) break;
    }
  }
  return { steps, againInMs: waits.length ? Math.min(...waits) : undefined };
}

/** What still runs of an earlier round ends at once, without its hook: so says KEP-5532. */
function endOfRound(target: PodContainer, observed: ObservedPod, isEarlier: EarlierRound): PodStep[] {
  const { name } = target.container;
  const message = `Container ${name} will be restarted with all others of its pod`;
  return instancesOf(observed, name)
    .filter((instance) => instance.state === 'running' && isEarlier(instance))
    .map((instance) => ({ type: 'kill-container', target, instance, message, graceSeconds: 0 }));
}

type Newest = (name: string) => ObservedContainer | undefined;

/** Whether all init containers have succeeded and all sidecars have started. */
function initialized(all: readonly PodContainer[], newest: Newest, facts: PlanFacts): boolean {
  return all.filter((c) => c.kind === 'init' || c.kind === 'sidecar').every((c) => passed(c, newest(c.container.name), facts));
}

function passed({ kind, container }: PodContainer, newest: ObservedContainer | undefined, facts: PlanFacts): boolean {
  if (!newest) return false;
  if (kind === 'init') return newest.state === 'exited' && newest.exitCode === 0;
  return newest.state === 'running' && (facts.probe(container.name)?.started ?? container.startupProbe === undefined);
}

interface Candidate extends Scene {
  readonly observed: ObservedPod;
  readonly isEarlier: EarlierRound;
  /** The newest instance in the current sandbox and round. */
  readonly newest: ObservedContainer | undefined;
}

function nextStep(pod: Pod, target: PodContainer, candidate: Candidate): PodStep | undefined {
  const { newest, observed, sandbox, facts } = candidate;
  const start = startStep(target, observed, sandbox.id);
  if (!newest) return firstStep(pod, target, { ...candidate, start });
  if (newest.state === 'running') return killStep(target, newest, facts);
  if (newest.state !== 'exited') return startAgain(start, newest, facts);
  if (restartDecision(pod, target.container, target.kind, newest.exitCode) === 'stay') return undefined;
  return startAgain(start, newest, facts);
}

/** Of a container that has not run in this sandbox and round: a regular one that ran in an earlier sandbox need perhaps not run again. */
function firstStep(
  pod: Pod,
  target: PodContainer,
  { observed, isEarlier, facts, start }: Candidate & { start: PodStep },
): PodStep | undefined {
  const last = instancesOf(observed, target.container.name)[0];
  if (last && isEarlier(last)) return beganRound(target, last) ? startAgain(start, last, facts) : start;
  return target.kind === 'regular' && last !== undefined && !wantsRun(pod, target, last) ? undefined : start;
}

function startAgain(start: PodStep, newest: ObservedContainer, facts: PlanFacts): PodStep | undefined {
  if (start.type !== 'start-container') return undefined;
  const failedMs = newest.finishedAtMs || newest.createdAtMs;
  const delay = facts.backoffMs(newest.name, failedMs);
  const left = failedMs + delay - facts.nowMs;
  return left > 0 ? { type: 'back-off', target: start.target, instance: newest, delayMs: left } : start;
}

function killStep(target: PodContainer, instance: ObservedContainer, facts: PlanFacts): PodStep | undefined {
  const { name } = target.container;
  if (target.kind === 'ephemeral' || target.kind === 'init') return undefined;
  if (instance.hash !== '' && instance.hash !== containerHash(target.container))
    return { type: 'kill-container', target, instance, message: `Container ${name} definition changed, will be restarted` };
  const failed = facts.probe(name)?.failed;
  if (!failed) return undefined;
  const { terminationGracePeriodSeconds: grace } = failed;
  const message = `Container ${name} failed ${failed.probe} probe, will be restarted`;
  return { type: 'kill-container', target, instance, message, ...(grace !== undefined && { graceSeconds: grace }) };
}

/** Whether nothing of the pod will run again: all regular containers ended for good, or an init container did without success. */
export function isOver(pod: Pod, observed: ObservedPod): boolean {
  const isEarlier = earlierRound(pod, observed);
  const ended = (target: PodContainer): boolean => {
    const newest = instancesOf(observed, target.container.name)[0];
    if (newest?.state !== 'exited' || isEarlier(newest)) return false;
    return restartDecision(pod, target.container, target.kind, newest.exitCode) === 'stay';
  };
  const all = podContainers(pod);
  const failedInit = all.some((c) => c.kind === 'init' && ended(c) && instancesOf(observed, c.container.name)[0]?.exitCode !== 0);
  return failedInit || all.filter((c) => c.kind === 'regular').every(ended);
}

/** The containers of a pod in the groups in which they end: all but the sidecars at once, then the sidecars, last started first. */
export function terminationOrder(pod: Pod): readonly (readonly PodContainer[])[] {
  const all = podContainers(pod);
  const sidecars = all.filter((c) => c.kind === 'sidecar').reverse();
  return [all.filter((c) => c.kind !== 'sidecar'), ...sidecars.map((c) => [c])];
}

/** Instances and sandboxes that nobody needs any more: all but the newest two of each container, all sandboxes but the newest without containers. */
export function garbageOf(observed: ObservedPod): { readonly containers: readonly string[]; readonly sandboxes: readonly string[] } {
  const kept = new Map<string, number>();
  const containers = observed.containers.filter((c) => {
    const count = (kept.get(c.name) ?? 0) + 1;
    kept.set(c.name, count);
    return count > 2 && c.state === 'exited';
  });
  const used = new Set(observed.containers.filter((c) => !containers.includes(c)).map((c) => c.sandboxId));
  const sandboxes = observed.sandboxes.slice(1).filter((s) => !s.ready && !used.has(s.id));
  return { containers: containers.map((c) => c.id), sandboxes: sandboxes.map((s) => s.id) };
}
