// DefaultIngressClass: an Ingress that names no class gets the default one, the newest if there are several.
// Rules: "Ingress", default IngressClass.

import type { Ingress } from '../../api/types/networking-v1.gen.ts';
import { INGRESS_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { defaultClass } from './default-class.ts';

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
      const name = defaultClass(reader.list(INGRESS_CLASSES), [IS_DEFAULT]);
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
    },
  };
}
