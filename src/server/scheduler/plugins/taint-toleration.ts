// TaintToleration: NoSchedule and NoExecute taints rule a node out; PreferNoSchedule taints lower its score.

import { type FilterPlugin, type ScorePlugin, scaleReversed } from '../plugin.ts';
import { findUntolerated, HARD_EFFECTS, isTolerated } from '../taints.ts';

const NAME = 'TaintToleration';
const REJECTION = { plugin: NAME, reasons: ['node(s) had untolerated taint(s)'], preemptionHelps: false };

/** Rules out nodes with taints the pod does not tolerate. */
export const taintToleration: FilterPlugin = {
  name: NAME,
  prepare(pod) {
    const { tolerations } = pod.pod.spec;
    return {
      check(node) {
        const { taints } = node.node.spec ?? {};
        return taints && findUntolerated(taints, tolerations, HARD_EFFECTS) ? REJECTION : undefined;
      },
    };
  },
};

/** Prefers nodes with fewer PreferNoSchedule taints that the pod does not tolerate. */
export const taintTolerationScore: ScorePlugin = {
  name: NAME,
  prepare(pod, _view, nodes) {
    if (!nodes.some((node) => node.node.spec?.taints?.some((taint) => taint.effect === 'PreferNoSchedule'))) return undefined;
    const tolerations = (pod.pod.spec.tolerations ?? []).filter((t) => !t.effect || t.effect === 'PreferNoSchedule');
    return {
      score: (node) => (node.node.spec?.taints ?? []).filter((t) => t.effect === 'PreferNoSchedule' && !isTolerated(t, tolerations)).length,
      normalize: scaleReversed,
    };
  },
};
