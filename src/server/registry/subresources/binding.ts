// pods/binding: the scheduler's word on which node a pod runs.

import type { KubeObject } from '../../../api/object.ts';
import { badRequest, conflict, type FieldError, invalid, type StatusError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import { notSupported, requiredValue } from '../../../api/validation/field-error.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { ApiCall } from '../../../client/api-backend.ts';
import { checkNamespace } from '../object-identity.ts';
import { draftOf } from '../stored-form.ts';
import type { Action, ActionEnv } from '../subresource.ts';
import { successStatus } from './success-status.ts';

/** Upstream answers a binding to nowhere with a 500 of no reason: here it is what it is, a bad request of the client. @throws StatusError Invalid */
function checkTarget({ metadata, target }: core.Binding): void {
  const { kind, name: node } = target ?? {};
  const errors: FieldError[] = [];
  if (kind && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (!node) errors.push(requiredValue('target.name'));
  if (errors.length > 0) throw invalid({ group: '', resource: 'Binding' }, metadata.name ?? '', errors);
}

/** The Conflict that a pod of this name answers with. */
const conflictOf = (name: string, why: string): StatusError => conflict({ group: '', resource: 'pods/binding' }, name, why);

function checkBindable(pod: core.Pod): void {
  const name = pod.metadata.name ?? '';
  if (pod.metadata.deletionTimestamp) throw conflictOf(name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw conflictOf(name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if ((pod.spec.schedulingGates?.length ?? 0) > 0) throw conflictOf(name, `pod ${name} has non-empty .spec.schedulingGates`);
}

function bind(pod: core.Pod, binding: core.Binding, nowMs: number): void {
  checkBindable(pod);
  pod.spec.nodeName = binding.target.name ?? '';
  const { annotations, labels } = binding.metadata;
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
  const others = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: rfc3339(nowMs) };
  // A nomination is done with when the pod has its node (KEP-5278).
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  pod.status = { ...status, conditions: [...others, scheduled] };
}

/** Binds the pod that `call` names. @throws StatusError Conflict when it is bound or going */
async function bindPod(env: ActionEnv, call: ApiCall, body: KubeObject): Promise<KubeObject> {
  const binding = body as core.Binding; // decoded as a Binding
  checkTarget(binding);
  const served = env.served('', 'v1', 'pods');
  const { uid, resourceVersion } = body.metadata;
  await env.update(served, call, {
    subresource: 'binding',
    transform: (current) => {
      const pod = draftOf(current) as core.Pod; // what is stored under the prefix of pods
      pod.metadata.resourceVersion = resourceVersion ?? '';
      if (uid) pod.metadata.uid = uid;
      bind(pod, binding, env.nowMs);
      return pod;
    },
    prepare: () => {},
  });
  return successStatus();
}

/** The sub-resource. */
export const bindingAction: Action = {
  type: 'action',
  async run(env, { call, body }) {
    const name = body.metadata.name;
    if (name && name !== call.name) throw badRequest('name in URL does not match name in Binding object');
    return await bindPod(env, call, body);
  },
};

/** A create of `bindings` names the pod in its metadata. */
export async function bindByName(body: KubeObject, call: ApiCall, env: ActionEnv): Promise<KubeObject> {
  checkNamespace(body, call.namespace);
  const name = body.metadata.name ?? '';
  if (name === '') throw badRequest('Name parameter required.');
  return await bindPod(env, { ...call, resource: { group: '', version: 'v1', resource: 'pods' }, subresource: 'binding', name }, body);
}
