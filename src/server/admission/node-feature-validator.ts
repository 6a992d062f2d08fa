// NodeDeclaredFeatureValidator: a pod that runs may not become what its node does not declare to know. Rules: KEP-5328; texts are upstream's.

import { deepEqual } from '../../api/copy.ts';
import { featuresToUpdate, lackingFeatures } from '../../api/node-features.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { NODES } from '../../client/resources.ts';
import type { AdmissionPlugin } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';
import { refusal } from './refusal.ts';

/** The plugin; `reader` answers for nodes. */
export function nodeFeatureValidator(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'NodeDeclaredFeatureValidator',
    validate(request) {
      const { operation, resource, subresource } = request;
      if (operation !== 'UPDATE' || resource.group !== '' || resource.resource !== 'pods') return;
      if (subresource !== '' && subresource !== 'resize') return;
      const { spec } = request.object as Pod; // The resource says so.
      const old = (request.oldObject as Pod | undefined)?.spec;
      if (!spec.nodeName || !old || deepEqual(spec, old)) return;
      const wanted = featuresToUpdate(spec, old);
      if (wanted.length === 0) return;
      const name = JSON.stringify(spec.nodeName);
      const node = reader.get(NODES, { namespace: '', name: spec.nodeName });
      if (!node) throw refusal(request, `node ${name} not found`);
      const lacking = lackingFeatures(wanted, node);
      if (lacking.length === 0) return;
      throw refusal(request, `pod update requires features ${lacking.join(', ')} which are not available on node ${name}`);
    },
  };
}
