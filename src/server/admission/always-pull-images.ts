// AlwaysPullImages (not on by default): images are pulled for every start, so that nobody runs a private image that somebody else had pulled.

import { containersOf } from '../../api/pod-security/check.ts';
import type { Container, Pod, Volume } from '../../api/types/core-v1.gen.ts';
import { notSupported } from '../../api/validation/field-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

const ALWAYS = 'Always';

/** The plugin. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  admit(request) {
    if (!concerns(request)) return;
    const pod = request.object as Pod; // The resource says so.
    for (const container of containersOf(pod)) (container as Container).imagePullPolicy = ALWAYS;
    for (const volume of imageVolumes(pod)) if (volume.image) volume.image = { ...volume.image, pullPolicy: ALWAYS };
  },
  validate(request) {
    if (!concerns(request)) return;
    const { spec } = request.object as Pod;
    const lists = { initContainers: spec.initContainers, containers: spec.containers, ephemeralContainers: spec.ephemeralContainers };
    for (const [list, containers = []] of Object.entries(lists)) {
      const index = containers.findIndex(({ imagePullPolicy }) => imagePullPolicy !== ALWAYS);
      if (index < 0) continue;
      const { field, detail } = notSupported(`spec.${list}[${index}].imagePullPolicy`, containers[index]?.imagePullPolicy ?? '', [ALWAYS]);
      throw refusal(request, `${field}: ${detail}`);
    }
  },
};

/** New pods, and updates that bring another image. */
function concerns({ operation, resource, subresource, object, oldObject }: AdmissionRequest): boolean {
  if (resource.group !== '' || resource.resource !== 'pods' || !object) return false;
  if (operation === 'CREATE' && subresource === '') return true;
  if (operation !== 'UPDATE' || !oldObject || (subresource !== '' && subresource !== 'ephemeralcontainers')) return false;
  const known = new Set(imagesOf(oldObject as Pod));
  return imagesOf(object as Pod).some((image) => !known.has(image));
}

const imageVolumes = ({ spec }: Pod): Volume[] => (spec.volumes ?? []).filter((volume) => volume.image);
const imagesOf = (pod: Pod): string[] => [
  ...containersOf(pod).map(({ image = '' }) => image),
  ...imageVolumes(pod).map(({ image }) => image?.reference ?? ''),
];
