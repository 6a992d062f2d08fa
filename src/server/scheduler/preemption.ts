// DefaultPreemption: which pods of lower priority would have to go from which node so that the pod fits. Pure.
// Rules: Kubernetes documentation "Pod Priority and Preemption".

import { checkWithNominated, type NominatedPods } from './cycle.ts';
import { type Diagnosis, nodesMessage } from './diagnosis.ts';
import { type DisruptionBudget, splitByBudget } from './disruption-budget.ts';
import type { NodeInfo } from './node-info.ts';
import type { ClusterView, PodFilter, Rejection } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** Stop looking when this share of the nodes, in percent, … */
const CANDIDATE_PERCENTAGE = 10;
/** … but at least so many, could be used. */
const MIN_CANDIDATES = 100;

const NO_VICTIMS = 'No preemption victims found for incoming pod';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

/** What preemption starts from: a cycle that found no node. */
export interface PreemptionContext {
  readonly view: ClusterView;
  readonly nominated: NominatedPods;
  readonly diagnosis: Diagnosis;
  readonly filters: readonly PodFilter[];
  readonly budgets: readonly DisruptionBudget[];
  readonly random: () => number;
}

/** What to do. `message` completes the text of FailedScheduling. `ineligible` = the pod may not ask now; its promise stays. */
export type PreemptionPlan =
  | { readonly kind: 'evict'; readonly node: NodeInfo; readonly victims: readonly PodInfo[] }
  | { readonly kind: 'none' | 'ineligible'; readonly message: string };

interface Candidate {
  readonly node: NodeInfo;
  /** By importance, the most important first. */
  readonly victims: readonly PodInfo[];
  readonly violations: number;
}

const startOf = (pod: PodInfo): string => pod.pod.status?.startTime ?? '9999';

/** Orders pods by importance: higher priority, then running for longer. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0;
}

const isBeingPreempted = (pod: PodInfo): boolean =>
  pod.terminating &&
  (pod.pod.status?.conditions?.some((c) => c.type === 'DisruptionTarget' && c.status === 'True' && c.reason === 'PreemptionByScheduler') ??
    false);

function ineligible(pod: PodInfo, context: PreemptionContext): string | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominatedNode = pod.pod.status?.nominatedNodeName;
  if (!nominatedNode || context.diagnosis.rejections.get(nominatedNode)?.preemptionHelps === false) return undefined;
  const pods = context.view.node(nominatedNode)?.pods.values() ?? [];
  const waiting = [...pods].some((other) => other.priority < pod.priority && isBeingPreempted(other));
  return waiting ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function withMoved(node: NodeInfo, filters: readonly PodFilter[], move: { readonly pod: PodInfo; readonly sign: 1 | -1 }): void {
  if (move.sign === 1) node.addPod(move.pod);
  else node.removePod(move.pod.uid);
  for (const filter of filters) filter.moved?.(move.pod, node, move.sign);
}

/** Takes away all pods of lower priority, then puts back as many as still let the pod in, the most important first. */
function victimsOn(pod: PodInfo, original: NodeInfo, context: PreemptionContext): Candidate | Rejection {
  const lower = [...original.pods.values()].filter((other) => other.priority < pod.priority);
  if (lower.length === 0) return { plugin: '', reasons: [NO_VICTIMS], preemptionHelps: false };
  const node = original.clone();
  const filters = context.filters.map((filter) => filter.fork?.() ?? filter);
  for (const other of lower) withMoved(node, filters, { pod: other, sign: -1 });
  const candidate = { pod, nominated: context.nominated };
  const rejection = checkWithNominated(filters, node, candidate);
  if (rejection) return rejection;
  const victims: PodInfo[] = [];
  let violations = 0;
  const { violating, others } = splitByBudget(lower.sort(byImportance), context.budgets);
  for (const other of [...violating, ...others]) {
    withMoved(node, filters, { pod: other, sign: 1 });
    if (!checkWithNominated(filters, node, candidate)) continue;
    withMoved(node, filters, { pod: other, sign: -1 });
    victims.push(other);
    if (violating.includes(other)) violations++;
  }
  return { node: original, victims: victims.sort(byImportance), violations };
}

/** The rules by which one candidate is better, in order: each gives a number, the smaller the better. */
const PREFERENCES: readonly ((candidate: Candidate) => number)[] = [
  (c) => c.violations,
  (c) => c.victims[0]?.priority ?? Number.NEGATIVE_INFINITY,
  // Priorities may be negative: the offset makes a further victim always cost.
  (c) => c.victims.reduce((sum, victim) => sum + victim.priority + 2 ** 31, 0),
  (c) => c.victims.length,
  (c) => -earliestStart(c.victims),
];

function earliestStart(victims: readonly PodInfo[]): number {
  const top = victims.filter((victim) => victim.priority === victims[0]?.priority);
  return Math.min(...top.map((victim) => Date.parse(victim.pod.status?.startTime ?? '9999-01-01T00:00:00Z')));
}

function pickOne(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const preference of PREFERENCES) {
    const least = Math.min(...left.map(preference));
    left = left.filter((candidate) => preference(candidate) === least);
  }
  return left[0];
}

/** Decides which pods to evict for the pod, if that helps. */
export function planPreemption(pod: PodInfo, context: PreemptionContext): PreemptionPlan {
  const refusal = ineligible(pod, context);
  if (refusal !== undefined) return { kind: 'ineligible', message: refusal };
  const { nodes } = context.view;
  const helpful = nodes.filter((node) => context.diagnosis.rejections.get(node.name)?.preemptionHelps);
  const enough = Math.max(Math.floor((helpful.length * CANDIDATE_PERCENTAGE) / 100), MIN_CANDIDATES);
  const offset = Math.floor(context.random() * helpful.length);
  const candidates: Candidate[] = [];
  const reasons: string[] = new Array(nodes.length - helpful.length).fill(NOT_HELPFUL);
  for (let i = 0; i < helpful.length && candidates.length < enough; i++) {
    const node = helpful[(offset + i) % helpful.length];
    const result = node && victimsOn(pod, node, context);
    if (result && 'node' in result) candidates.push(result);
    else reasons.push(...(result?.reasons ?? []));
  }
  const chosen = pickOne(candidates);
  if (chosen) return { kind: 'evict', node: chosen.node, victims: chosen.victims };
  return { kind: 'none', message: nodesMessage(nodes.length, reasons) };
}
