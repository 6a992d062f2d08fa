// ServiceAccount: every pod runs as a service account of its namespace and finds a token, the cluster's CA and its namespace
// mounted, unless the pod or the account opts out. Rules: "Managing Service Accounts", admission controller.

import { randomInt } from 'node:crypto';
import { nameSuffix } from '../../api/names.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/types/core-v1.gen.ts';
import { SERVICE_ACCOUNTS } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { limitSecrets } from './mountable-secrets.ts';
import { refusal } from './refusal.ts';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const MOUNTABLE_ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Life of the projected token, seconds: an hour and the margin upstream gives clients that reload late. */
const TOKEN_SECONDS = 3607;

/** The plugin; `reader` answers for service accounts. */
export function serviceAccountAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    admit(request) {
      if (request.operation !== 'CREATE' || !isAbout(request, '', 'pods') || !request.object) return;
      const pod = request.object as Pod; // The resource says so.
      if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return refuseMirrorSecrets(request, pod);
      pod.spec.serviceAccountName ||= 'default';
      pod.spec.serviceAccount = pod.spec.serviceAccountName;
      const account = findAccount(request, pod.spec.serviceAccountName, reader);
      if (account.metadata.annotations?.[MOUNTABLE_ANNOTATION] === 'true') limitSecrets(request, pod, account);
      if (mountsToken(pod.spec, account)) mountToken(pod.spec);
      if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
      }
    },
  };
}

function refuseMirrorSecrets(request: AdmissionRequest, pod: Pod): void {
  if (pod.spec.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts');
  if (pod.spec.volumes?.some((volume) => volume.secret !== undefined)) throw refusal(request, 'a mirror pod may not reference secrets');
}

function findAccount(request: AdmissionRequest, name: string, reader: AdmissionReader): ServiceAccount & KubeObject {
  const account = reader.get(SERVICE_ACCOUNTS, { namespace: request.namespace, name });
  if (account) return account;
  const why = `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`;
  throw refusal(request, why);
}

function mountsToken(spec: PodSpec, account: ServiceAccount): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

function mountToken(spec: PodSpec): void {
  const existing = spec.volumes?.find((volume) => volume.name.startsWith('kube-api-access-'));
  const name = existing?.name ?? `kube-api-access-${nameSuffix((max) => randomInt(max))}`;
  let mounted = false;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) mounted = mountInto(container, name) || mounted;
  if (mounted && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function mountInto(container: Container, name: string): boolean {
  if (container.volumeMounts?.some((mount) => mount.mountPath === MOUNT_PATH)) return false;
  container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }];
  return true;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}
