// One scheduling cycle: filter the nodes, score those that passed, pick one. Pure over the cluster state of the moment.

import type { Diagnosis } from './diagnosis.ts';
import type { NodeInfo } from './node-info.ts';
import type { ClusterView, PodFilter, Rejection, Unplaceable } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';
import { FILTERS, SCORES } from './profile.ts';

/** Below this many nodes all are asked. */
const MIN_FEASIBLE_NODES = 100;
/** The share of nodes never sinks below this, in percent. */
const MIN_PERCENTAGE = 5;

/** Pods promised to a node by preemption that are not there yet. */
export type NominatedPods = (node: string) => readonly PodInfo[];

/** What a cycle needs beside the pod. */
export interface CycleContext {
  readonly view: ClusterView;
  readonly nominated: NominatedPods;
  /** Where in the list of nodes the search begins, so that all get their turn. */
  readonly startIndex: number;
  /** 0 ≤ n < 1: which of equally good nodes. */
  readonly random: () => number;
}

/** What a cycle decided. */
export type CycleResult =
  | { readonly kind: 'fits'; readonly node: NodeInfo; readonly examined: number }
  | { readonly kind: 'unschedulable'; readonly diagnosis: Diagnosis; readonly filters: readonly PodFilter[]; readonly examined: number };

/** How many nodes that pass are enough: all up to 100, then a share that falls with the size of the cluster. */
export function enoughNodes(total: number): number {
  if (total < MIN_FEASIBLE_NODES) return total;
  const percentage = Math.max(50 - Math.floor(total / 125), MIN_PERCENTAGE);
  return Math.max(Math.floor((total * percentage) / 100), MIN_FEASIBLE_NODES);
}

/** The filters that have something to say about the pod, or the first one's refusal. */
function prepareFilters(pod: PodInfo, view: ClusterView): { filters: PodFilter[]; names: string[] } | Unplaceable {
  const filters: PodFilter[] = [];
  const names: string[] = [];
  for (const plugin of FILTERS) {
    const filter = plugin.prepare(pod, view);
    if (!filter) continue;
    if ('unplaceable' in filter) return filter;
    filters.push(filter);
    names.push(plugin.name);
  }
  return { filters, names };
}

/** The first rejection of a node; undefined when all filters pass it. */
function checkNode(filters: readonly PodFilter[], node: NodeInfo): Rejection | undefined {
  for (const filter of filters) {
    const rejection = filter.check(node);
    if (rejection) return rejection;
  }
  return undefined;
}

/** As `checkNode`, also with the nominated pods of the same or a higher priority there: the pod must fit with and without them. */
export function checkWithNominated(
  filters: readonly PodFilter[],
  node: NodeInfo,
  candidate: { readonly pod: PodInfo; readonly nominated: NominatedPods },
): Rejection | undefined {
  const { pod, nominated } = candidate;
  const others = nominated(node.name).filter((other) => other.uid !== pod.uid && other.priority >= pod.priority);
  if (others.length > 0) {
    const fuller = node.clone();
    const forks = filters.map((filter) => filter.fork?.() ?? filter);
    for (const other of others) {
      fuller.addPod(other);
      for (const filter of forks) filter.moved?.(other, fuller, 1);
    }
    const rejection = checkNode(forks, fuller);
    if (rejection) return rejection;
  }
  return checkNode(filters, node);
}

function onlyNodesOf(filters: readonly PodFilter[], names: readonly string[]): { nodes: ReadonlySet<string>; by: string[] } | undefined {
  let nodes: ReadonlySet<string> | undefined;
  const by: string[] = [];
  for (const [i, { onlyNodes }] of filters.entries()) {
    if (!onlyNodes) continue;
    nodes = nodes ? new Set([...nodes].filter((name) => onlyNodes.has(name))) : onlyNodes;
    by.push(names[i] ?? '');
  }
  return nodes && { nodes, by };
}

interface Search {
  readonly feasible: NodeInfo[];
  readonly rejections: Map<string, Rejection>;
  readonly examined: number;
}

function search(pod: PodInfo, filters: readonly PodFilter[], context: CycleContext & { nodes: readonly NodeInfo[] }): Search {
  const { nodes, startIndex, nominated } = context;
  const enough = enoughNodes(nodes.length);
  const feasible: NodeInfo[] = [];
  const rejections = new Map<string, Rejection>();
  let examined = 0;
  while (examined < nodes.length && feasible.length < enough) {
    const node = nodes[(startIndex + examined) % nodes.length];
    examined++;
    if (!node) continue;
    const rejection = checkWithNominated(filters, node, { pod, nominated });
    if (rejection) rejections.set(node.name, rejection);
    else feasible.push(node);
  }
  return { feasible, rejections, examined };
}

/** The weighted sum of all scores, by position in `nodes`. */
function scoreNodes(pod: PodInfo, view: ClusterView, nodes: readonly NodeInfo[]): number[] {
  const totals = new Array<number>(nodes.length).fill(0);
  for (const { plugin, weight } of SCORES) {
    const scorer = plugin.prepare(pod, view, nodes);
    if (!scorer) continue;
    const scores = nodes.map((node) => scorer.score(node));
    scorer.normalize?.(scores);
    for (const [i, score] of scores.entries()) totals[i] = (totals[i] ?? 0) + weight * score;
  }
  return totals;
}

function best(nodes: readonly NodeInfo[], scores: readonly number[], random: () => number): NodeInfo | undefined {
  const max = Math.max(...scores);
  const top = nodes.filter((_node, i) => scores[i] === max);
  return top[Math.floor(random() * top.length)];
}

/** Excludes by `onlyNodes` are told apart from nodes that were asked. */
function excluded(nodes: readonly NodeInfo[], only: { nodes: ReadonlySet<string>; by: readonly string[] }): Map<string, Rejection> {
  const rejection: Rejection = {
    plugin: only.by[0] ?? '',
    reasons: [`node(s) didn't satisfy plugin(s) [${only.by.join(' ')}]`],
    preemptionHelps: false,
  };
  return new Map(nodes.filter((node) => !only.nodes.has(node.name)).map((node) => [node.name, rejection]));
}

function pluginsOf(rejections: ReadonlyMap<string, Rejection>): Set<string> {
  return new Set([...rejections.values()].map((rejection) => rejection.plugin));
}

/** Finds a node for the pod. */
export function runCycle(pod: PodInfo, context: CycleContext): CycleResult {
  const { view } = context;
  const totalNodes = view.nodes.length;
  const prepared = prepareFilters(pod, view);
  if ('unplaceable' in prepared) {
    const { plugin, unplaceable } = prepared;
    const diagnosis = { totalNodes, rejections: new Map(), unplaceable, plugins: new Set([plugin]) };
    return { kind: 'unschedulable', diagnosis, filters: [], examined: 0 };
  }
  const { filters, names } = prepared;
  const only = onlyNodesOf(filters, names);
  const nominatedNode = pod.pod.status?.nominatedNodeName;
  const promised = nominatedNode ? view.node(nominatedNode) : undefined;
  if (promised && !(only && !only.nodes.has(promised.name)) && !checkWithNominated(filters, promised, { pod, ...context })) {
    return { kind: 'fits', node: promised, examined: 0 };
  }
  const nodes = only ? view.nodes.filter((node) => only.nodes.has(node.name)) : view.nodes;
  const { feasible, rejections, examined } = search(pod, filters, { ...context, nodes });
  const node = feasible.length <= 1 ? feasible[0] : best(feasible, scoreNodes(pod, view, feasible), context.random);
  if (node) return { kind: 'fits', node, examined: only ? 0 : examined };
  const all = only ? new Map([...rejections, ...excluded(view.nodes, only)]) : rejections;
  return {
    kind: 'unschedulable',
    diagnosis: { totalNodes, rejections: all, plugins: pluginsOf(all) },
    filters,
    examined: only ? 0 : examined,
  };
}
