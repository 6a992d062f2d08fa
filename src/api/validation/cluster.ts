// Validation of configuration, namespaces, nodes, quotas, storage, RBAC, scheduling and the other kinds with few rules. Pure.

import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type * as autoscaling from '../types/autoscaling-v2.gen.ts';
import type * as certificates from '../types/certificates-v1.gen.ts';
import type * as coordination from '../types/coordination-v1.gen.ts';
import type * as core from '../types/core-v1.gen.ts';
import type * as policy from '../types/policy-v1.gen.ts';
import type * as rbac from '../types/rbac-v1.gen.ts';
import type * as scheduling from '../types/scheduling-v1.gen.ts';
import type * as storage from '../types/storage-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import {
  checkAtLeast,
  checkOneOf,
  checkRequired,
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
  tooLong,
} from './field-error.ts';
import { dnsSubdomain, pathSegment, qualifiedName } from './object-meta.ts';
import { checkQuantity } from './resources.ts';
import { cidr, configMapKey, percentage } from './strings.ts';
import { validateTaints } from './taints.ts';

/** Most bytes of the data of a ConfigMap or Secret. */
const MAX_DATA_BYTES = 1 << 20;

/** Validates a ConfigMap. */
export function validateConfigMap({ data = {}, binaryData = {} }: core.ConfigMap): FieldError[] {
  const errors = Object.keys(data).flatMap((key) => [
    ...checkString(`data[${key}]`, key, configMapKey),
    ...(key in binaryData ? [invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')] : []),
  ]);
  errors.push(...Object.keys(binaryData).flatMap((key) => checkString(`binaryData[${key}]`, key, configMapKey)));
  const text = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const binary = Object.values(binaryData).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  return text + binary > MAX_DATA_BYTES ? [...errors, tooLong('', MAX_DATA_BYTES)] : errors;
}

/** Validates a Secret: keys, size, and the keys its type demands. */
export function validateSecret({ type, data = {} }: core.Secret): FieldError[] {
  const errors = Object.keys(data).flatMap((key) => checkString(`data[${key}]`, key, configMapKey));
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  if (size > MAX_DATA_BYTES) errors.push(tooLong('data', MAX_DATA_BYTES));
  const demanded: Readonly<Record<string, readonly string[]>> = {
    'kubernetes.io/dockercfg': ['.dockercfg'],
    'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
    'kubernetes.io/ssh-auth': ['ssh-privatekey'],
    'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  };
  for (const key of demanded[type ?? ''] ?? []) if (data[key] === undefined) errors.push(requiredValue(`data[${key}]`));
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined) {
    errors.push(requiredValue('data[username]'), requiredValue('data[password]'));
  }
  return errors;
}

/** An immutable ConfigMap or Secret stays as it is; a Secret keeps its type. */
export function validateImmutableData(
  object: { immutable?: boolean; data?: object; binaryData?: object; type?: string },
  old: { immutable?: boolean; data?: object; binaryData?: object; type?: string },
): FieldError[] {
  const errors = object.type === old.type ? [] : [invalidValue('type', object.type, IMMUTABLE)];
  if (!old.immutable) return errors;
  if (!object.immutable) errors.push(forbiddenValue('immutable', 'field is immutable when `immutable` is set'));
  for (const field of ['data', 'binaryData'] as const) {
    if (!deepEqual(object[field] ?? {}, old[field] ?? {})) errors.push(forbiddenValue(field, 'field is immutable when `immutable` is set'));
  }
  return errors;
}

/** Validates a Node. */
export function validateNode({ spec }: core.Node): FieldError[] {
  return [
    ...validateTaints('spec.taints', spec.taints),
    ...eachItem('spec.podCIDRs', spec.podCIDRs, (range, at) => checkString(at, range, cidr)),
  ];
}

/** A node's pod network and provider stay once set. */
export function validateNodeUpdate(object: core.Node, old: core.Node): FieldError[] {
  const errors: FieldError[] = [];
  if (old.spec.podCIDRs?.length && !deepEqual(object.spec.podCIDRs, old.spec.podCIDRs)) {
    errors.push(forbiddenValue('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec.providerID && object.spec.providerID !== old.spec.providerID) {
    errors.push(forbiddenValue('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}

function validateAmounts(path: string, amounts: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, text]) => [
    ...checkString(`${path}[${name}]`, name, qualifiedName),
    ...checkQuantity(`${path}[${name}]`, text),
  ]);
}

/** Validates a ResourceQuota. */
export function validateResourceQuota({ spec }: core.ResourceQuota): FieldError[] {
  return validateAmounts('spec.hard', spec.hard);
}

/** Validates a LimitRange. */
export function validateLimitRange({ spec }: core.LimitRange): FieldError[] {
  const types = new Set<string>();
  return eachItem('spec.limits', spec.limits, (item, at) => {
    const errors = (['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const).flatMap((field) =>
      validateAmounts(`${at}.${field}`, item[field]),
    );
    if (types.has(item.type)) errors.push(duplicateValue(`${at}.type`, item.type));
    types.add(item.type);
    if (item.type === 'Pod' && item.default) errors.push(forbiddenValue(`${at}.default`, 'may not be specified when `type` is Pod'));
    if (item.type === 'Pod' && item.defaultRequest)
      errors.push(forbiddenValue(`${at}.defaultRequest`, 'may not be specified when `type` is Pod'));
    if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
      errors.push(requiredValue(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
    }
    return errors;
  });
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Validates a PersistentVolumeClaim. */
export function validateClaim({ spec }: core.PersistentVolumeClaim): FieldError[] {
  const storageAmount = spec.resources?.requests?.['storage'];
  const errors = spec.accessModes?.length
    ? eachItem('spec.accessModes', spec.accessModes, (mode, at) =>
        ACCESS_MODES.includes(mode) ? [] : [notSupported(at.replace(/\[\d+\]$/, ''), mode, ACCESS_MODES)],
      )
    : [requiredValue('spec.accessModes', 'at least 1 access mode is required')];
  if (storageAmount === undefined) errors.push(requiredValue('spec.resources[storage]'));
  else errors.push(...checkQuantity('spec.resources[storage]', storageAmount));
  if (spec.storageClassName) errors.push(...checkString('spec.storageClassName', spec.storageClassName, dnsSubdomain));
  return [
    ...errors,
    ...validateLabelSelector('spec.selector', spec.selector),
    ...checkOneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
  ];
}

const CLAIM_RULE = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** A claim's spec stays, but for growing and for the binder's own fields. */
export function validateClaimUpdate(object: core.PersistentVolumeClaim, old: core.PersistentVolumeClaim): FieldError[] {
  const rest = ({
    resources: _r,
    volumeAttributesClassName: _v,
    volumeName,
    storageClassName,
    ...others
  }: core.PersistentVolumeClaim['spec']): object => ({
    ...others,
    ...(old.spec.volumeName && { volumeName }),
    ...(old.spec.storageClassName && { storageClassName }),
  });
  return deepEqual(rest(object.spec), rest(old.spec)) ? [] : [forbiddenValue('spec', CLAIM_RULE)];
}

/** Validates a PersistentVolume. */
export function validateVolume({ spec }: core.PersistentVolume): FieldError[] {
  const amount = spec.capacity?.['storage'];
  return [
    ...(spec.accessModes?.length ? [] : [requiredValue('spec.accessModes')]),
    ...(amount === undefined ? [requiredValue('spec.capacity')] : checkQuantity('spec.capacity[storage]', amount)),
    ...checkOneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']),
    ...(spec.local && !spec.nodeAffinity ? [requiredValue('spec.nodeAffinity', 'Local volume requires node affinity')] : []),
  ];
}

/** Validates a StorageClass; what a class means does not change. */
export function validateStorageClass(object: storage.StorageClass, old?: storage.StorageClass): FieldError[] {
  const errors = object.provisioner ? [] : [requiredValue('provisioner')];
  if (!old) return errors;
  if (!deepEqual(object.parameters ?? {}, old.parameters ?? {}))
    errors.push(forbiddenValue('parameters', 'updates to parameters are forbidden.'));
  if (object.provisioner !== old.provisioner) errors.push(forbiddenValue('provisioner', 'updates to provisioner are forbidden.'));
  if (object.reclaimPolicy !== old.reclaimPolicy) errors.push(forbiddenValue('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
  if (object.volumeBindingMode !== old.volumeBindingMode)
    errors.push(invalidValue('volumeBindingMode', object.volumeBindingMode, IMMUTABLE));
  return errors;
}

function validateRule(rule: rbac.PolicyRule, path: string, where: { namespaced: boolean }): FieldError[] {
  const errors = rule.verbs?.length ? [] : [requiredValue(`${path}.verbs`, 'verbs must contain at least one value')];
  if (rule.nonResourceURLs?.length) {
    if (where.namespaced)
      errors.push(invalidValue(`${path}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
      errors.push(
        invalidValue(`${path}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
      );
    }
    return errors;
  }
  if (!rule.apiGroups?.length) errors.push(requiredValue(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!rule.resources?.length) errors.push(requiredValue(`${path}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

/** Validates a Role or ClusterRole. */
export function validateRole(role: rbac.ClusterRole): FieldError[] {
  const namespaced = role.metadata.namespace !== undefined && role.metadata.namespace !== '';
  return eachItem('rules', role.rules, (rule, at) => validateRule(rule, at, { namespaced }));
}

/** Validates a RoleBinding or ClusterRoleBinding; the role it refers to does not change. */
export function validateRoleBinding(binding: rbac.RoleBinding, old?: rbac.RoleBinding): FieldError[] {
  const { roleRef } = binding;
  const kinds = binding.metadata.namespace ? ['ClusterRole', 'Role'] : ['ClusterRole'];
  const errors = [
    ...(roleRef.apiGroup === 'rbac.authorization.k8s.io'
      ? []
      : [notSupported('roleRef.apiGroup', roleRef.apiGroup ?? '', ['rbac.authorization.k8s.io'])]),
    ...(kinds.includes(roleRef.kind) ? [] : [notSupported('roleRef.kind', roleRef.kind, kinds)]),
    ...checkRequired('roleRef.name', roleRef.name, pathSegment),
    ...eachItem('subjects', binding.subjects, (subject, at) => [
      ...(subject.name ? [] : [requiredValue(`${at}.name`)]),
      ...(['Group', 'ServiceAccount', 'User'].includes(subject.kind)
        ? []
        : [notSupported(`${at}.kind`, subject.kind, ['Group', 'ServiceAccount', 'User'])]),
      ...(subject.kind === 'ServiceAccount' && !subject.namespace ? [requiredValue(`${at}.namespace`)] : []),
    ]),
  ];
  return old && !deepEqual(roleRef, old.roleRef) ? [...errors, invalidValue('roleRef', roleRef, 'cannot change roleRef')] : errors;
}

const HIGHEST_USER_PRIORITY = 1_000_000_000;

/** Validates a PriorityClass; its value does not change. */
export function validatePriorityClass(object: scheduling.PriorityClass, old?: scheduling.PriorityClass): FieldError[] {
  const errors = checkOneOf('preemptionPolicy', object.preemptionPolicy, ['Never', 'PreemptLowerPriority']);
  const system = object.metadata.name?.startsWith('system-') ?? false;
  if (system && !['system-node-critical', 'system-cluster-critical'].includes(object.metadata.name ?? '')) {
    errors.push(forbiddenValue('metadata.name', "priority class names with 'system-' prefix are reserved for system use only. error: "));
  } else if (!system && (object.value ?? 0) > HIGHEST_USER_PRIORITY) {
    errors.push(forbiddenValue('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  }
  if (!old) return errors;
  if ((object.value ?? 0) !== (old.value ?? 0)) errors.push(forbiddenValue('value', 'may not be changed in an update.'));
  if (object.preemptionPolicy !== old.preemptionPolicy) errors.push(invalidValue('preemptionPolicy', object.preemptionPolicy, IMMUTABLE));
  return errors;
}

/** Validates a PodDisruptionBudget. */
export function validateDisruptionBudget({ spec }: policy.PodDisruptionBudget): FieldError[] {
  const both = spec?.minAvailable !== undefined && spec.maxUnavailable !== undefined;
  return [
    ...(both ? [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...validateShare('spec.minAvailable', spec?.minAvailable),
    ...validateShare('spec.maxUnavailable', spec?.maxUnavailable),
    ...validateLabelSelector('spec.selector', spec?.selector),
    ...checkOneOf('spec.unhealthyPodEvictionPolicy', spec?.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget']),
  ];
}

/** A number of pods, or a part of them. */
function validateShare(path: string, value: number | string | undefined): FieldError[] {
  if (typeof value !== 'string') return checkAtLeast(path, value, 0);
  const errors = checkString(path, value, percentage);
  return errors.length === 0 && Number.parseInt(value, 10) > 100 ? [invalidValue(path, value, 'must not be greater than 100%')] : errors;
}

/** Validates a HorizontalPodAutoscaler. */
export function validateAutoscaler({ spec }: autoscaling.HorizontalPodAutoscaler): FieldError[] {
  const errors = [...checkAtLeast('spec.minReplicas', spec.minReplicas, 1)];
  if (!(spec.maxReplicas > 0)) errors.push(invalidValue('spec.maxReplicas', spec.maxReplicas, 'must be greater than 0'));
  else if (spec.minReplicas !== undefined && spec.maxReplicas < spec.minReplicas) {
    errors.push(invalidValue('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  if (!spec.scaleTargetRef.kind) errors.push(requiredValue('spec.scaleTargetRef.kind'));
  if (!spec.scaleTargetRef.name) errors.push(requiredValue('spec.scaleTargetRef.name'));
  return errors;
}

/** Validates a Lease. */
export function validateLease({ spec }: coordination.Lease): FieldError[] {
  const positive = (field: string, value: number | undefined): FieldError[] =>
    value === undefined || value > 0 ? [] : [invalidValue(field, value, 'must be greater than 0')];
  return [
    ...positive('spec.leaseDurationSeconds', spec?.leaseDurationSeconds),
    ...checkAtLeast('spec.leaseTransitions', spec?.leaseTransitions, 0),
  ];
}

/** Validates a CertificateSigningRequest; what was asked does not change. */
export function validateSigningRequest(
  object: certificates.CertificateSigningRequest,
  old?: certificates.CertificateSigningRequest,
): FieldError[] {
  const { spec } = object;
  const errors = spec.usages?.length ? [] : [requiredValue('spec.usages')];
  if (!/^[a-z0-9.-]+\.[a-z0-9.-]+\/.+$/.test(spec.signerName ?? ''))
    errors.push(
      invalidValue(
        'spec.signerName',
        spec.signerName ?? '',
        'must be a fully qualified domain and path of the form "example.com/signer-name"',
      ),
    );
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < 600)
    errors.push(
      invalidValue('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
    );
  const pem = Buffer.from(spec.request ?? '', 'base64').toString('latin1');
  if (!/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(pem))
    errors.push(invalidValue('spec.request', pem.slice(0, 80), 'PEM block type must be CERTIFICATE REQUEST'));
  if (old && !deepEqual(spec, old.spec)) errors.push(forbiddenValue('spec', 'updates to spec are forbidden'));
  return errors;
}

/** Validates a runtime class's handler, which does not change. */
export function validateRuntimeClass(object: { handler?: string }, old?: { handler?: string }): FieldError[] {
  if (!object.handler) return [requiredValue('handler')];
  return old && object.handler !== old.handler ? [invalidValue('handler', object.handler, IMMUTABLE)] : [];
}

/** A scale's replica count. */
export function validateScale({ spec }: { spec?: { replicas?: number } }): FieldError[] {
  return checkAtLeast('spec.replicas', spec?.replicas, 0);
}
