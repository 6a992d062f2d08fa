// LimitPodHardAntiAffinityTopology (not on by default): a pod may keep others off its node, but not off a whole zone.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** The plugin. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  validate(request) {
    if (!isAbout(request, '', 'pods') || !request.object) return;
    const { affinity } = (request.object as Pod).spec; // The resource says so.
    const terms = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wide = terms.find(({ topologyKey }) => topologyKey !== HOSTNAME);
    if (!wide) return;
    const what = 'affinity.PodAntiAffinity.RequiredDuringScheduling';
    throw refusal(request, `${what} has TopologyKey ${wide.topologyKey} but only key ${HOSTNAME} is allowed`);
  },
};
