// NodeAffinity: nodeSelector and required node affinity rule nodes out, preferred terms add their weights.

import { namedNodes, nodeSelectorTerm, requiredNodeAffinity } from '../node-selector.ts';
import { type FilterPlugin, type ScorePlugin, scaleToMax } from '../plugin.ts';

const NAME = 'NodeAffinity';
const REJECTION = { plugin: NAME, reasons: ["node(s) didn't match Pod's node affinity/selector"], preemptionHelps: false };

/** Rules out nodes that the pod does not select. */
export const nodeAffinity: FilterPlugin = {
  name: NAME,
  prepare(pod) {
    const selected = requiredNodeAffinity(pod.pod);
    if (!selected) return undefined;
    const onlyNodes = namedNodes(pod.pod);
    if (onlyNodes?.size === 0) return { plugin: NAME, unplaceable: 'pod affinity terms conflict' };
    return { check: (node) => (selected(node.node) ? undefined : REJECTION), ...(onlyNodes && { onlyNodes }) };
  },
};

/** Sums the weights of the preferred terms that match. */
export const nodeAffinityScore: ScorePlugin = {
  name: NAME,
  prepare(pod) {
    const preferred = pod.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = preferred
      .filter(({ weight }) => weight !== 0)
      .map(({ weight, preference }) => ({ weight, matches: nodeSelectorTerm(preference) }));
    if (terms.length === 0) return undefined;
    return {
      score: (node) => terms.reduce((sum, term) => sum + (term.matches(node.node) ? term.weight : 0), 0),
      normalize: scaleToMax,
    };
  },
};
