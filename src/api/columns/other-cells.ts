// The cells of RBAC, storage, scheduling, certificates, admission, flow control and the rest. Pure.

import type { KubeObject } from '../object.ts';
import type * as admission from '../types/admissionregistration-v1.gen.ts';
import type * as aggregation from '../types/apiregistration-v1.gen.ts';
import type * as certificates from '../types/certificates-v1.gen.ts';
import type * as coordination from '../types/coordination-v1.gen.ts';
import type * as flow from '../types/flowcontrol-v1.gen.ts';
import type * as node from '../types/node-v1.gen.ts';
import type * as rbac from '../types/rbac-v1.gen.ts';
import type * as resource from '../types/resource-v1.gen.ts';
import type * as scheduling from '../types/scheduling-v1.gen.ts';
import type * as storage from '../types/storage-v1.gen.ts';
import { created, maker } from './cell-maker.ts';
import type { Cell, CellMaker } from './columns.ts';
import { humanDuration, NONE } from './format.ts';

const UNSET = '<unset>';
const name = (object: KubeObject): string => object.metadata.name ?? '';

function bindingCells(binding: rbac.RoleBinding, now: number): Cell[] {
  const subjects = (kind: string): string =>
    (binding.subjects ?? [])
      .filter((subject) => subject.kind === kind)
      .map((subject) => (kind === 'ServiceAccount' ? `${subject.namespace}/${subject.name}` : subject.name))
      .join(', ');
  return [
    name(binding),
    `${binding.roleRef.kind}/${binding.roleRef.name}`,
    created(binding, now),
    subjects('User'),
    subjects('Group'),
    subjects('ServiceAccount'),
  ];
}

function requestCondition({ status }: certificates.CertificateSigningRequest): string {
  const words = (status?.conditions ?? []).map(({ type }) => type);
  const shown = ['Approved', 'Denied', 'Failed'].filter((word) => words.includes(word));
  const text = shown.length > 0 ? shown.join(',') : 'Pending';
  return status?.certificate ? `${text},Issued` : text;
}

const paramKind = (kind: { apiVersion?: string; kind?: string } | undefined): string => (kind ? `${kind.apiVersion}/${kind.kind}` : UNSET);

function paramRef(reference: { namespace?: string; name?: string; selector?: unknown } | undefined): string {
  if (!reference) return UNSET;
  if (reference.name) return `${reference.namespace || '*'}/${reference.name}`;
  return reference.selector ? `${reference.namespace || '*'}/` : UNSET;
}

function levelCells(level: flow.PriorityLevelConfiguration, now: number): Cell[] {
  const limited = level.spec.limited;
  const queuing = limited?.limitResponse?.queuing;
  const shares = limited?.nominalConcurrencyShares ?? level.spec.exempt?.nominalConcurrencyShares;
  const text = (value: number | undefined): string => (value === undefined ? NONE : String(value));
  return [
    name(level),
    level.spec.type,
    text(shares),
    text(queuing?.queues),
    text(queuing?.handSize),
    text(queuing?.queueLengthLimit),
    created(level, now),
  ];
}

function missingLevel(schema: flow.FlowSchema): string {
  const dangling = schema.status?.conditions?.find((condition) => condition.type === 'Dangling');
  return dangling ? (dangling.status ?? '?') : '?';
}

function claimState(claim: resource.ResourceClaim): string {
  const states = [
    ...(claim.metadata.deletionTimestamp ? ['deleted'] : []),
    ...(claim.status?.allocation ? ['allocated'] : []),
    ...(claim.status?.reservedFor?.length ? ['reserved'] : []),
  ];
  return states.join(',') || 'pending';
}

function serviceAvailable(service: aggregation.APIService): string {
  const condition = service.status?.conditions?.find(({ type }) => type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`;
}

/** Cell makers by `group/resource`. */
export const OTHER_CELLS: Readonly<Record<string, CellMaker>> = {
  'rbac.authorization.k8s.io/rolebindings': maker(bindingCells),
  'rbac.authorization.k8s.io/clusterrolebindings': maker(bindingCells),
  'storage.k8s.io/storageclasses': maker<storage.StorageClass>((o, now) => [
    o.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ? `${name(o)} (default)` : name(o),
    o.provisioner,
    o.reclaimPolicy ?? 'Delete',
    o.volumeBindingMode ?? UNSET,
    String(o.allowVolumeExpansion ?? false),
    created(o, now),
  ]),
  'storage.k8s.io/volumeattributesclasses': maker<storage.VolumeAttributesClass>((o, now) => [name(o), o.driverName, created(o, now)]),
  'storage.k8s.io/volumeattachments': maker<storage.VolumeAttachment>((o, now) => [
    name(o),
    o.spec.attacher,
    o.spec.source.persistentVolumeName ?? '',
    o.spec.nodeName,
    o.status?.attached ?? false,
    created(o, now),
  ]),
  'storage.k8s.io/csinodes': maker<storage.CSINode>((o, now) => [name(o), o.spec.drivers.length, created(o, now)]),
  'storage.k8s.io/csidrivers': maker<storage.CSIDriver>((o, now) => [
    name(o),
    o.spec.attachRequired ?? true,
    o.spec.podInfoOnMount ?? false,
    o.spec.storageCapacity ?? false,
    (o.spec.tokenRequests ?? []).map((request) => request.audience).join(',') || UNSET,
    o.spec.requiresRepublish ?? false,
    (o.spec.volumeLifecycleModes ?? []).join(',') || NONE,
    created(o, now),
  ]),
  'scheduling.k8s.io/priorityclasses': maker<scheduling.PriorityClass>((o, now) => [
    name(o),
    o.value ?? 0,
    o.globalDefault ?? false,
    created(o, now),
    o.preemptionPolicy ?? 'PreemptLowerPriority',
  ]),
  'node.k8s.io/runtimeclasses': maker<node.RuntimeClass>((o, now) => [name(o), o.handler, created(o, now)]),
  'coordination.k8s.io/leases': maker<coordination.Lease>((o, now) => [name(o), o.spec?.holderIdentity ?? '', created(o, now)]),
  'certificates.k8s.io/certificatesigningrequests': maker<certificates.CertificateSigningRequest>((o, now) => [
    name(o),
    created(o, now),
    o.spec.signerName || NONE,
    o.spec.username ?? '',
    o.spec.expirationSeconds === undefined ? NONE : humanDuration(o.spec.expirationSeconds * 1000),
    requestCondition(o),
  ]),
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': maker<admission.MutatingWebhookConfiguration>((o, now) => [
    name(o),
    o.webhooks?.length ?? 0,
    created(o, now),
  ]),
  'admissionregistration.k8s.io/validatingwebhookconfigurations': maker<admission.ValidatingWebhookConfiguration>((o, now) => [
    name(o),
    o.webhooks?.length ?? 0,
    created(o, now),
  ]),
  'admissionregistration.k8s.io/validatingadmissionpolicies': maker<admission.ValidatingAdmissionPolicy>((o, now) => [
    name(o),
    o.spec?.validations?.length ?? 0,
    paramKind(o.spec?.paramKind),
    created(o, now),
  ]),
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': maker<admission.ValidatingAdmissionPolicyBinding>((o, now) => [
    name(o),
    o.spec?.policyName ?? '',
    paramRef(o.spec?.paramRef),
    created(o, now),
  ]),
  'admissionregistration.k8s.io/mutatingadmissionpolicies': maker<admission.MutatingAdmissionPolicy>((o, now) => [
    name(o),
    o.spec?.mutations?.length ?? 0,
    paramKind(o.spec?.paramKind),
    created(o, now),
  ]),
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': maker<admission.MutatingAdmissionPolicyBinding>((o, now) => [
    name(o),
    o.spec?.policyName ?? '',
    paramRef(o.spec?.paramRef),
    created(o, now),
  ]),
  'flowcontrol.apiserver.k8s.io/flowschemas': maker<flow.FlowSchema>((o, now) => [
    name(o),
    o.spec?.priorityLevelConfiguration.name ?? '',
    String(o.spec?.matchingPrecedence ?? 0),
    o.spec?.distinguisherMethod?.type ?? NONE,
    created(o, now),
    missingLevel(o),
  ]),
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': maker(levelCells),
  'resource.k8s.io/deviceclasses': maker<resource.DeviceClass>((o, now) => [name(o), created(o, now)]),
  'resource.k8s.io/resourceclaims': maker<resource.ResourceClaim>((o, now) => [name(o), claimState(o), created(o, now)]),
  'resource.k8s.io/resourceclaimtemplates': maker<resource.ResourceClaimTemplate>((o, now) => [name(o), created(o, now)]),
  'resource.k8s.io/resourceslices': maker<resource.ResourceSlice>((o, now) => [
    name(o),
    o.spec.nodeName ?? (o.spec.allNodes ? '<all>' : UNSET),
    o.spec.driver,
    o.spec.pool.name,
    created(o, now),
  ]),
  'apiregistration.k8s.io/apiservices': maker<aggregation.APIService>((o, now) => [
    name(o),
    o.spec?.service ? `${o.spec.service.namespace}/${o.spec.service.name}` : 'Local',
    serviceAvailable(o),
    created(o, now),
  ]),
};
