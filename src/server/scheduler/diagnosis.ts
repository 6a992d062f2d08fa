// Why a pod fits nowhere, and the text of it as users know it.

import type { Rejection } from './plugin.ts';

/** The outcome of the filters for a pod that found no node. */
export interface Diagnosis {
  readonly totalNodes: number;
  /** By node name; nodes that were not asked are absent. */
  readonly rejections: ReadonlyMap<string, Rejection>;
  /** Set when a plugin said no before any node was asked. */
  readonly unplaceable?: string;
  /** Plugins whose events may make the pod fit. */
  readonly plugins: ReadonlySet<string>;
}

/** `2 reason b, 1 reason a`, sorted as text, as users know it. */
function histogram(reasons: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(', ');
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function nodesMessage(totalNodes: number, reasons: Iterable<string>): string {
  const text = histogram(reasons);
  return `0/${totalNodes} nodes are available${text === '' ? '' : `: ${text}.`}`;
}

/** The message of a FailedScheduling event; `preemption` is what came of trying to make room. */
export function failureMessage(diagnosis: Diagnosis, preemption: string): string {
  if (diagnosis.totalNodes === 0) return 'no nodes available to schedule pods';
  const head =
    diagnosis.unplaceable === undefined
      ? nodesMessage(
          diagnosis.totalNodes,
          [...diagnosis.rejections.values()].flatMap((rejection) => rejection.reasons),
        )
      : `0/${diagnosis.totalNodes} nodes are available: ${diagnosis.unplaceable}.`;
  return preemption === '' ? head : `${head} preemption: ${preemption}`;
}
