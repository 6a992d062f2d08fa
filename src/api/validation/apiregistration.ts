// Validation of APIServices (apiregistration.k8s.io/v1). Metadata is validated before. Pure.
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/

import type { FieldError } from '../status-error.ts';
import type { APIService, APIServiceSpec } from '../types/apiregistration-v1.gen.ts';
import { checkString, eachItem, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { dns1035Label, dnsSubdomain, pathSegment } from './object-meta.ts';

const MOST_GROUP_PRIORITY = 20_000;
const MOST_VERSION_PRIORITY = 1_000;
const CONDITION_STATUSES: readonly string[] = ['True', 'False', 'Unknown'];

/** The faults of a new or changed APIService. */
export function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '' } = spec;
  const wanted = `${version}.${group}`;
  const { name = '' } = metadata;
  // A name that is none is told of with the rest of the metadata.
  const isNamed = name === wanted || name === '' || pathSegment(name).length > 0;
  const nameText = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`;
  return [
    ...(isNamed ? [] : [invalidValue('metadata.name', name, nameText)]),
    ...(group === '' && version !== 'v1'
      ? [requiredValue('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : checkString('spec.group', group, dnsSubdomain)),
    ...checkString('spec.version', version, dns1035Label),
    ...checkPriority('spec.groupPriorityMinimum', spec.groupPriorityMinimum, MOST_GROUP_PRIORITY),
    ...checkPriority('spec.versionPriority', spec.versionPriority, MOST_VERSION_PRIORITY),
    ...(spec.service ? validateRemote(spec, spec.service) : validateLocal(spec)),
  ];
}

function checkPriority(field: string, value: number | undefined, most: number): FieldError[] {
  const priority = value ?? 0;
  return priority > 0 && priority <= most ? [] : [invalidValue(field, priority, `must be positive and less than ${most}`)];
}

function validateLocal({ caBundle, insecureSkipTLSVerify }: APIServiceSpec): FieldError[] {
  const size = caBundle ? Buffer.from(caBundle, 'base64').byteLength : 0;
  return [
    ...(size > 0 ? [invalidValue('spec.caBundle', `${size} bytes`, 'local APIServices may not have a caBundle')] : []),
    ...(insecureSkipTLSVerify
      ? [invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
      : []),
  ];
}

function validateRemote(
  { caBundle, insecureSkipTLSVerify }: APIServiceSpec,
  service: NonNullable<APIServiceSpec['service']>,
): FieldError[] {
  const port = service.port ?? 0;
  const isPort = port >= 1 && port <= 65_535;
  return [
    ...(service.namespace ? [] : [requiredValue('spec.service.namespace')]),
    ...(service.name ? [] : [requiredValue('spec.service.name')]),
    ...(isPort ? [] : [invalidValue('spec.service.port', port, 'port is not valid: must be between 1 and 65535, inclusive')]),
    ...(insecureSkipTLSVerify && caBundle
      ? [invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ];
}

/** The faults of a changed status. */
export function validateApiServiceStatus({ status }: APIService): FieldError[] {
  return eachItem('status.conditions', status?.conditions, (condition, path) =>
    CONDITION_STATUSES.includes(condition.status) ? [] : [notSupported(`${path}.status`, condition.status, CONDITION_STATUSES)],
  );
}
