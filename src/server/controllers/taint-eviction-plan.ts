// How long a pod may stay on a node with NoExecute taints. Pure. Rules: Kubernetes documentation "Taint based Evictions".

import type { Pod, Taint } from '../../api/types/core-v1.gen.ts';
import { tolerates } from '../scheduler/taints.ts';

/** Milliseconds from when the taints were seen: 0 = evict at once, undefined = it may stay. */
export function toleratedMs(pod: Pod, taints: readonly Taint[]): number | undefined {
  const hard = taints.filter((taint) => taint.effect === 'NoExecute');
  if (hard.length === 0) return undefined;
  const tolerations = pod.spec.tolerations ?? [];
  const used = tolerations.filter((toleration) => hard.some((taint) => tolerates(toleration, taint)));
  if (!hard.every((taint) => used.some((toleration) => tolerates(toleration, taint)))) return 0;
  const limits = used.flatMap((toleration) => toleration.tolerationSeconds ?? []);
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits)) * 1000;
}
