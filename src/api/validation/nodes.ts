// Validation of Nodes and Namespaces. Pure. Rules: "Nodes", "Namespaces".

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { checkRequired, checkString, duplicateValue, eachItem, forbiddenValue, invalidValue, requiredValue } from './field-error.ts';
import { checkFinalizer, dnsLabel, dnsSubdomain } from './object-meta.ts';
import { checkAmount } from './resources.ts';
import { cidr, configMapKey, isDualStack } from './strings.ts';
import { validateTaints } from './taints.ts';

/** Upstream reports taints below the metadata. */
const TAINTS = 'metadata.taints';
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const MAX_FEATURE_LENGTH = 253;

/** Validates a new Node. */
export function validateNode({ spec = {}, status = {} }: core.Node): FieldError[] {
  const errors = [...validateTaints(TAINTS, spec.taints), ...validateResources(status)];
  const ranges = spec.podCIDRs ?? [];
  const path = 'spec.podCIDRs';
  errors.push(...eachItem(path, ranges, (range, at) => checkString(at, range, cidr)));
  if (ranges.length > 2 || (ranges.length === 2 && !isDualStack(ranges)))
    errors.push(invalidValue(path, ranges, 'may specify no more than one CIDR for each IP family'));
  return errors;
}

function validateResources(status: core.NodeStatus): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(status[field] ?? {}).flatMap(([name, text]) => checkAmount(`status.${field}.${name}`, name, text)),
  );
}

/** What a kubelet says it knows: names in order, each once. */
function validateFeatures(path: string, features: readonly string[]): FieldError[] {
  return features.flatMap((name, index) => {
    const at = `${path}[${index}]`;
    const before = features[index - 1];
    const errors: FieldError[] = [];
    if (before === name) errors.push(duplicateValue(at, name));
    else if (before !== undefined && before > name) errors.push(invalidValue(at, name, 'list must be sorted alphabetically'));
    const why = featureFault(name);
    if (why !== undefined) errors.push(invalidValue(at, name, `invalid feature name ${JSON.stringify(name)}: ${why}`));
    return errors;
  });
}

function featureFault(name: string): string | undefined {
  if (name.length > MAX_FEATURE_LENGTH) return `must be no more than ${MAX_FEATURE_LENGTH} characters`;
  if (FEATURE.test(name)) return undefined;
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}

/** Validates an update of a Node or of its status: what a node got once stays. */
export function validateNodeUpdate({ spec = {}, status = {} }: core.Node, old: core.Node): FieldError[] {
  const before = old.spec ?? {};
  const errors = [...validateResources(status), ...validateFeatures('status.declaredFeatures', status.declaredFeatures ?? [])];
  const seen = new Set<string>();
  errors.push(
    ...eachItem('status.addresses', status.addresses, (address, at) => {
      const key = `${address.type}/${address.address}`;
      if (seen.has(key)) return [duplicateValue(at, address)];
      seen.add(key);
      return [];
    }),
  );
  const ranges = before.podCIDRs ?? [];
  const moved = ranges.length > 0 && (ranges.length !== spec.podCIDRs?.length || ranges.some((range, i) => range !== spec.podCIDRs?.[i]));
  if (moved) errors.push(forbiddenValue('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if (before.providerID && before.providerID !== spec.providerID)
    errors.push(forbiddenValue('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if (spec.configSource) errors.push(...validateConfigSource('spec.configSource', spec.configSource, 'spec'));
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status.config?.[field];
    if (source) errors.push(...validateConfigSource(`status.config.${field}`, source, 'status'));
  }
  errors.push(...validateTaints(TAINTS, spec.taints));
  if ((spec.externalID ?? '') !== (before.externalID ?? '')) errors.push(forbiddenValue('spec.externalID', 'may not be updated'));
  return errors;
}

function validateConfigSource(path: string, { configMap }: core.NodeConfigSource, place: 'spec' | 'status'): FieldError[] {
  if (!configMap) return [invalidValue(path, {}, 'exactly one reference subfield must be non-nil')];
  const at = `${path}.configMap`;
  const versions = (['uid', 'resourceVersion'] as const).flatMap((field) => {
    if (place === 'spec') return configMap[field] ? [forbiddenValue(`${at}.${field}`, `${field} must not be set in spec`)] : [];
    return configMap[field] ? [] : [requiredValue(`${at}.${field}`)];
  });
  const named = (field: 'namespace' | 'name' | 'kubeletConfigKey', check: typeof dnsLabel): FieldError[] =>
    checkRequired(`${at}.${field}`, configMap[field], check);
  return [...versions, ...named('namespace', dnsLabel), ...named('name', dnsSubdomain), ...named('kubeletConfigKey', configMapKey)];
}

/** Validates a new Namespace. */
export function validateNamespace({ spec }: core.Namespace): FieldError[] {
  return (spec?.finalizers ?? []).flatMap((name) => checkFinalizer('spec.finalizers', name));
}

/** Validates a write of namespaces/finalize. */
export function validateNamespaceFinalize({ spec }: core.Namespace): FieldError[] {
  return eachItem('spec.finalizers', spec?.finalizers, (name, at) => checkFinalizer(at, name));
}

/** Validates a write of a Namespace's status: its phase follows its deletion. */
export function validateNamespaceStatus({ metadata, status }: core.Namespace): FieldError[] {
  const phase = status?.phase ?? '';
  const going = metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null;
  if (going)
    return phase === 'Terminating'
      ? []
      : [invalidValue('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
  return phase === 'Active' ? [] : [invalidValue('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")];
}
