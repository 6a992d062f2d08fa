// Taints and tolerations. Rules: Kubernetes documentation "Taints and Tolerations".

import type { Taint, Toleration } from '../../api/types/core-v1.gen.ts';

/** Whether the toleration covers the taint. An empty key with operator Exists covers every key, an empty effect every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const operator = toleration.operator ?? 'Equal';
  if (operator === 'Exists') return true;
  return operator !== '' && operator !== 'Equal' ? false : (toleration.value ?? '') === (taint.value ?? '');
}

/** Whether any of the tolerations covers the taint. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  return tolerations?.some((toleration) => tolerates(toleration, taint)) ?? false;
}

/** The first taint with one of the effects that is not tolerated. */
export function findUntolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !isTolerated(taint, tolerations));
}

/** Effects that keep a pod from being placed. */
export const HARD_EFFECTS = ['NoSchedule', 'NoExecute'] as const;

/** The taint that stands for spec.unschedulable. */
export const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
