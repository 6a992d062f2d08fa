// PodResizeValidator: a pod that runs may not grow beyond what its node could ever give, nor where sizes cannot be changed. The kubelet says
// the same later; here it is said at once. Rules: KEP-1287; causes and texts are upstream's.

import { deepEqual } from '../../api/copy.ts';
import { podRequests } from '../../api/pod-resources.ts';
import { parseAmounts } from '../../api/resource-amounts.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { NODES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const OS_LABEL = 'kubernetes.io/os';

/** The plugin; `reader` answers for nodes. */
export function podResizeValidator(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    validate(request) {
      const { operation, resource, subresource } = request;
      if (subresource !== 'resize' || operation !== 'UPDATE' || resource.group !== '' || resource.resource !== 'pods') return;
      const pod = request.object as Pod; // The resource says so.
      const { nodeName } = pod.spec;
      if (!nodeName || deepEqual(pod.spec, (request.oldObject as Pod | undefined)?.spec)) return;
      const node = reader.get(NODES, { namespace: '', name: nodeName });
      if (!node) throw refusal(request, `node ${JSON.stringify(nodeName)} not found`);
      checkSize(request, pod, node);
      checkPlatform(request, node);
    },
  };
}

function checkSize(request: AdmissionRequest, pod: Pod, node: Node): void {
  const wanted = podRequests(pod);
  const given = parseAmounts(node.status?.allocatable);
  const lacking = [
    { name: 'cpu', requested: wanted.get('cpu')?.milliValue() ?? 0, allocatable: given.get('cpu')?.milliValue() ?? 0 },
    { name: 'memory', requested: wanted.get('memory')?.toNumber() ?? 0, allocatable: given.get('memory')?.toNumber() ?? 0 },
  ].filter(({ requested, allocatable }) => requested > allocatable);
  if (lacking.length === 0) return;
  const texts = lacking.map(({ name, requested, allocatable }) => `${name}, requested: ${requested}, allocatable: ${allocatable}`);
  throw caused(refusal(request, `Node didn't have enough allocatable resources: ${texts.join('; ')}`), 'NodeCapacity');
}

function checkPlatform(request: AdmissionRequest, { metadata: { name, labels } }: Node): void {
  const os = labels?.[OS_LABEL] ?? '';
  if (os === 'linux') return;
  const why = `pod resize is only supported on linux nodes, node ${JSON.stringify(name)} is ${JSON.stringify(os)}`;
  throw caused(refusal(request, why), 'UnsupportedPlatform');
}

/** With the cause that autoscalers ask for. */
function caused({ code, reason, message, status }: StatusError, type: string): StatusError {
  return new StatusError(code, reason, message, { ...status.details, causes: [{ reason: type }] });
}
