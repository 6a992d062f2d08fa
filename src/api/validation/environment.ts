// Validation of containers' environments, and of references to fields of the pod and to resources of a container. Pure.
// Rules: "Expose Pod Information to Containers Through Environment Variables", "Downward API".

import { tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../types/core-v1.gen.ts';
import { checkOptional, checkRequired, checkString, eachItem, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { dnsLabel, dnsSubdomain, qualifiedName } from './object-meta.ts';
import { configMapKey, environmentName, noBacksteps } from './strings.ts';

/** Fields of a pod that an environment variable may hold. */
const ENVIRONMENT_FIELDS = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName',
  'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs',
]; // biome-ignore format: a list of names
/** Fields of a pod that a file of a volume may hold. */
const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
/** Fields that are known but of use in neither. */
const OTHER_FIELDS = ['metadata.annotations', 'metadata.labels', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'];
const KNOWN_FIELDS: ReadonlySet<string> = new Set([...ENVIRONMENT_FIELDS, ...VOLUME_FIELDS, ...OTHER_FIELDS]);

const RESOURCES = [
  'limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory',
]; // biome-ignore format: a list of names
const PAGES = /^(requests|limits)\.hugepages-/;
const BYTES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** Where a reference stands, and so what it may name. */
export type ReferencePlace = 'environment' | 'volume';

/** Validates a reference to a field of the pod. */
export function validateFieldRef(path: string, reference: ObjectFieldSelector, place: ReferencePlace): FieldError[] {
  const { fieldPath, apiVersion = 'v1' } = reference;
  if (apiVersion === '') return [requiredValue(`${path}.apiVersion`)];
  if (!fieldPath) return [requiredValue(`${path}.fieldPath`)];
  const at = `${path}.fieldPath`;
  if (apiVersion !== 'v1') return [invalidValue(at, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`)];
  const subscript = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  if (subscript) {
    const [, map, key = ''] = subscript;
    if (map !== 'metadata.annotations' && map !== 'metadata.labels')
      return [invalidValue(at, fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`)];
    return checkString(path, map === 'metadata.annotations' ? key.toLowerCase() : key, qualifiedName);
  }
  if (!KNOWN_FIELDS.has(fieldPath)) {
    return [invalidValue(at, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  }
  const allowed = place === 'environment' ? ENVIRONMENT_FIELDS : VOLUME_FIELDS;
  return allowed.includes(fieldPath) ? [] : [notSupported(at, fieldPath, allowed)];
}

/** Validates a reference to a resource of a container. */
export function validateResourceRef(path: string, reference: ResourceFieldSelector, place: ReferencePlace): FieldError[] {
  const { resource, containerName, divisor } = reference;
  const errors: FieldError[] = [];
  if (place === 'volume' && !containerName) errors.push(requiredValue(`${path}.containerName`));
  else if (!resource) errors.push(requiredValue(`${path}.resource`));
  else if (!RESOURCES.includes(resource) && !PAGES.test(resource)) errors.push(notSupported(`${path}.resource`, resource, RESOURCES));
  return [...errors, ...checkDivisor(`${path}.divisor`, resource ?? '', divisor)];
}

function checkDivisor(field: string, resource: string, divisor: string | undefined): FieldError[] {
  const quantity = divisor === undefined ? undefined : tryParseQuantity(divisor);
  if (!quantity || quantity.isZero()) return [];
  const text = quantity.toString();
  if (resource.endsWith('.cpu')) {
    const fits = text === '1m' || text === '1';
    return fits ? [] : [invalidValue(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  }
  const what = resource.endsWith('.memory')
    ? 'memory'
    : resource.endsWith('.ephemeral-storage')
      ? 'local ephemeral storage'
      : PAGES.test(resource)
        ? 'hugepages'
        : '';
  if (what === '' || BYTES.includes(text)) return [];
  return [invalidValue(field, resource, `only divisor's values ${BYTES.join(', ')} are supported with the ${what} resource`)];
}

/** Validates a container's variables at `<path>.env` and `<path>.envFrom`. */
export function validateEnvironment(
  path: string,
  container: { readonly env?: readonly EnvVar[]; readonly envFrom?: readonly EnvFromSource[] },
): FieldError[] {
  const { env, envFrom } = container;
  return [
    ...(env ? eachItem(`${path}.env`, env, validateVariable) : []),
    ...(envFrom ? envFrom.flatMap((source, index) => validateSource(`${path}.envFrom`, source, index)) : []),
  ];
}

function validateVariable(variable: EnvVar, path: string): FieldError[] {
  const errors = checkRequired(`${path}.name`, variable.name, environmentName);
  if (!variable.valueFrom) return errors;
  return [...errors, ...validateValueFrom(`${path}.valueFrom`, variable.valueFrom, variable.value)];
}

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

function validateValueFrom(path: string, from: EnvVarSource, value: string | undefined): FieldError[] {
  const count = SOURCES.filter((source) => from[source] !== undefined).length;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(`${path}.fieldRef`, fieldRef, 'environment'));
  if (resourceFieldRef) errors.push(...validateResourceRef(`${path}.resourceFieldRef`, resourceFieldRef, 'environment'));
  if (configMapKeyRef) errors.push(...validateKeyRef(`${path}.configMapKeyRef`, configMapKeyRef));
  if (secretKeyRef) errors.push(...validateKeyRef(`${path}.secretKeyRef`, secretKeyRef));
  if (fileKeyRef) {
    errors.push(
      ...checkRequired(`${path}.fileKeyRef.key`, fileKeyRef.key, environmentName),
      ...checkRequired(`${path}.fileKeyRef.volumeName`, fileKeyRef.volumeName, dnsLabel),
      ...checkRequired(`${path}.fileKeyRef.path`, fileKeyRef.path, noBacksteps),
    );
  }
  if (count === 0) {
    const names = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalidValue(path, '', `must specify one of: ${names}`));
  } else if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function validateKeyRef(path: string, { name = '', key }: { name?: string; key: string }): FieldError[] {
  return [...checkString(`${path}.name`, name, dnsSubdomain), ...checkRequired(`${path}.key`, key, configMapKey)];
}

/** What counts sources is reported at the list, as upstream does. */
function validateSource(path: string, source: EnvFromSource, index: number): FieldError[] {
  const at = `${path}[${index}]`;
  const { configMapRef, secretRef } = source;
  const errors = checkOptional(`${at}.prefix`, source.prefix, environmentName);
  if (configMapRef) errors.push(...checkRequired(`${at}.configMapRef.name`, configMapRef.name, dnsSubdomain));
  if (secretRef) errors.push(...checkRequired(`${at}.secretRef.name`, secretRef.name, dnsSubdomain));
  if (!configMapRef && !secretRef) errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
  if (configMapRef && secretRef) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return errors;
}
