// ExtendedResourceToleration (not on by default): nodes with special devices may be tainted by the devices' names, and pods that ask for such a
// device tolerate the taint.

import { containersOf } from '../../api/pod-security/check.ts';
import { isExtendedResource } from '../../api/resource-names.ts';
import type { Pod, Toleration } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isAbout } from './admission-reader.ts';

/** The plugin. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  admit(request) {
    if (!isAbout(request, '', 'pods') || !request.object || request.operation === 'DELETE') return;
    const pod = request.object as Pod; // The resource says so.
    const asked = containersOf(pod).flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    const present = pod.spec.tolerations ?? [];
    const added = [...new Set(asked.filter(isExtendedResource))]
      .sort()
      .map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoSchedule' }))
      .filter(({ key }) => !present.some((each) => each.key === key && each.operator === 'Exists' && each.effect === 'NoSchedule'));
    if (added.length > 0) pod.spec.tolerations = [...present, ...added];
  },
};
