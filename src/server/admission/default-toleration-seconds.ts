// DefaultTolerationSeconds: pods tolerate a node that is not ready or unreachable for five minutes unless they say otherwise.
// Rules: "Taints and Tolerations", taint-based evictions.

import type { Pod, Toleration } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isAbout } from './admission-reader.ts';

const SECONDS = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** The plugin. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(request) {
    if (!isAbout(request, '', 'pods') || !request.object || request.operation === 'DELETE') return;
    const { spec } = request.object as Pod; // The resource says so.
    const missing = KEYS.filter((key) => !spec.tolerations?.some((toleration) => covers(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
    spec.tolerations = [...(spec.tolerations ?? []), ...added];
  },
};

function covers(toleration: Toleration, key: string): boolean {
  return (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute');
}
