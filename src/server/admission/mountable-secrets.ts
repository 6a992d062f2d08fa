// The old way to bound which Secrets the pods of a service account may use: only those that the account lists, where an annotation asks for it.

import { containersOf } from '../../api/pod-security/check.ts';
import type { Pod, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import type { AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

/** Holds a pod's references against its account. @throws StatusError Forbidden */
export function limitSecrets(request: AdmissionRequest, pod: Pod, account: ServiceAccount): void {
  const fault = secretFault(pod, account) ?? pullSecretFault(pod, account);
  if (fault !== undefined) throw refusal(request, fault);
}

function secretFault(pod: Pod, { metadata, secrets = [] }: ServiceAccount): string | undefined {
  const listed = new Set(secrets.map(({ name }) => name));
  const not = `is not allowed because service account ${metadata.name} does not reference that secret`;
  const isForeign = (name: string | undefined): boolean => name !== undefined && !listed.has(name);
  const volume = pod.spec.volumes?.find(({ secret }) => isForeign(secret?.secretName));
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName}" ${not}`;
  for (const container of containersOf(pod)) {
    const variable = container.env?.find(({ valueFrom }) => isForeign(valueFrom?.secretKeyRef?.name));
    const source = container.envFrom?.find(({ secretRef }) => isForeign(secretRef?.name));
    const who = `container ${container.name}`;
    if (variable) {
      const name = variable.valueFrom?.secretKeyRef?.name;
      return `${who} with envVar ${variable.name} referencing secret.secretName="${name}" ${not}`;
    }
    if (source) return `${who} with envFrom referencing secret.secretName="${source.secretRef?.name}" ${not}`;
  }
  return undefined;
}

function pullSecretFault(pod: Pod, { metadata, imagePullSecrets = [] }: ServiceAccount): string | undefined {
  const listed = new Set(imagePullSecrets.map(({ name }) => name));
  const index = (pod.spec.imagePullSecrets ?? []).findIndex(({ name }) => !listed.has(name));
  if (index < 0) return undefined;
  const name = pod.spec.imagePullSecrets?.[index]?.name;
  const why = `because service account ${metadata.name} does not reference that imagePullSecret`;
  return `imagePullSecrets[${index}].name="${name}" is not allowed ${why}`;
}
