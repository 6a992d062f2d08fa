// DefaultIngressClass: an Ingress that names no class gets the default one, the newest if there are several.
// Rules: "Ingress", default IngressClass.

import type { Ingress, IngressClass } from '../../api/types/networking-v1.gen.ts';
import { INGRESS_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';

const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class';
const OLD_CLASS = 'kubernetes.io/ingress.class';

/** The plugin; `reader` answers for ingress classes. */
export function defaultIngressClass(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    admit(request) {
      if (request.operation !== 'CREATE' || !isAbout(request, 'networking.k8s.io', 'ingresses') || !request.object) return;
      const ingress = request.object as Ingress; // The resource says so.
      if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[OLD_CLASS] !== undefined) return;
      const name = newestDefault(reader.list(INGRESS_CLASSES))?.metadata.name;
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
    },
  };
}

function newestDefault(classes: readonly IngressClass[]): IngressClass | undefined {
  const created = (item: IngressClass): string => item.metadata.creationTimestamp ?? '';
  return classes
    .filter((item) => item.metadata.annotations?.[IS_DEFAULT] === 'true')
    .sort((a, b) => created(b).localeCompare(created(a)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))[0];
}
