// Validation of a pod's spec, in pods and in templates. Pure. Rules: "Pods", "DNS for Services and Pods", "Pod Topology Spread Constraints".

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { validateAffinity } from './affinity.ts';
import { validateContainers } from './containers.ts';
import {
  checkOneOf,
  checkOptional,
  checkRange,
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  notFoundValue,
  requiredValue,
  tooLong,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain, qualifiedName, validateLabels } from './object-meta.ts';
import { validatePodResources } from './pod-resources.ts';
import { validateRequirements } from './resources.ts';
import { validatePodSecurityContext } from './security.ts';
import { validateSpread } from './spread.ts';
import { ipAddress, subdomainWithUnderscore } from './strings.ts';
import { validateTolerations } from './taints.ts';
import { validateVolumes } from './volumes.ts';
import { containersOf, validateHostProcess, validateSystem } from './windows.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_HOSTNAME_OVERRIDE = 64;
const DEADLINES: readonly [number, number] = [1, 2_147_483_647];

/** Of a real pod: its name, which its ephemeral volumes' claims bear. Absent in templates. */
export interface PodIdentity {
  readonly name: string;
  /** A kubelet made it of a manifest of its own. */
  readonly isStatic?: boolean;
}

/** Validates the spec of a pod or template at `path`. */
export function validatePodSpec(spec: core.PodSpec, path: string, pod?: PodIdentity): FieldError[] {
  const claims = (spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean);
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  return [
    ...validateVolumes(`${path}.volumes`, spec.volumes, pod?.name),
    ...(spec.resourceClaims ? validateResourceClaims(`${path}.resourceClaims`, spec.resourceClaims, pod) : []),
    ...validateContainers(path, { spec, volumes, claims, isPod: pod !== undefined }),
    ...(spec.resources ? validatePodResources(`${path}.resources`, spec.resources, spec) : []),
    ...validateHostPorts(spec, path, pod !== undefined),
    ...checkOneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES),
    ...checkOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES),
    ...(spec.nodeSelector ? validateLabels(spec.nodeSelector, `${path}.nodeSelector`) : []),
    ...securityFaults(spec, path),
    ...validateAffinity(`${path}.affinity`, spec.affinity),
    ...validateDns(spec, `${path}.dnsConfig`),
    ...eachItem(`${path}.readinessGates`, spec.readinessGates, (gate, at) =>
      checkString(`${at}.conditionType`, gate.conditionType, qualifiedName),
    ),
    ...validateGates(`${path}.schedulingGates`, spec.schedulingGates),
    ...validateSpread(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateHostnameOverride(spec, path),
    ...validateNames(spec, path),
    ...validateTolerations(`${path}.tolerations`, spec.tolerations),
    ...validateHostAliases(`${path}.hostAliases`, spec.hostAliases),
    ...validateClasses(spec, path),
    ...(spec.overhead ? validateRequirements(`${path}.overhead`, { limits: spec.overhead }) : []),
    ...validateSystem(spec, path),
    ...validateFileVolumes(spec, path, volumes),
  ];
}

/** Upstream keeps the process namespace in the security context, and so reports it there. */
const securityFaults = (spec: core.PodSpec, path: string): FieldError[] => validatePodSecurityContext(spec, `${path}.securityContext`);

function validateNames(spec: core.PodSpec, path: string): FieldError[] {
  return [
    ...checkOptional(`${path}.serviceAccountName`, spec.serviceAccountName, dnsSubdomain),
    ...checkOptional(`${path}.nodeName`, spec.nodeName, dnsSubdomain),
    ...checkRange(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, DEADLINES),
    ...checkOptional(`${path}.hostname`, spec.hostname, dnsLabel),
    ...checkOptional(`${path}.subdomain`, spec.subdomain, dnsLabel),
  ];
}

function validateClasses({ priorityClassName, runtimeClassName, preemptionPolicy }: core.PodSpec, path: string): FieldError[] {
  return [
    ...checkOptional(`${path}.priorityClassName`, priorityClassName, dnsSubdomain),
    ...(runtimeClassName === undefined ? [] : checkString(`${path}.runtimeClassName`, runtimeClassName, dnsSubdomain)),
    ...(preemptionPolicy === '' ? [requiredValue(`${path}.preemptionPolicy`)] : []),
    ...checkOneOf(`${path}.preemptionPolicy`, preemptionPolicy, ['PreemptLowerPriority', 'Never']),
  ];
}

function validateHostnameOverride(spec: core.PodSpec, path: string): FieldError[] {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return [];
  const field = `${path}.hostnameOverride`;
  const errors: FieldError[] = [];
  if (spec.setHostnameAsFQDN) errors.push(forbiddenValue(field, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork) errors.push(forbiddenValue(field, 'may not be specified when hostNetwork is true'));
  if (name.length > MAX_HOSTNAME_OVERRIDE) errors.push(tooLong(field, MAX_HOSTNAME_OVERRIDE));
  return [...errors, ...checkString(field, name, dnsSubdomain)];
}

/** Variables that come from files: they lie in a volume of the pod's own that begins empty. */
function validateFileVolumes(spec: core.PodSpec, path: string, volumes: ReadonlyMap<string, core.Volume>): FieldError[] {
  return containersOf(spec, path).flatMap(([{ env }, at]) =>
    eachItem(`${at}.env`, env, ({ valueFrom }, field) => {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) return [];
      const volume = volumes.get(name);
      const where = `${field}.valueFrom.fileKeyRef.volumeName`;
      if (!volume) return [notFoundValue(where, name)];
      return volume.emptyDir ? [] : [invalidValue(where, name, 'referenced volume must be of type emptyDir')];
    }),
  );
}

function validateResourceClaims(path: string, claims: readonly core.PodResourceClaim[], pod?: PodIdentity): FieldError[] {
  // Upstream names no field here, and says it once for each claim.
  if (pod?.isStatic) return claims.map(() => forbiddenValue('', 'static pods do not support resource claims'));
  const names = new Set<string>();
  return eachItem(path, claims, (claim, at) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const errors: FieldError[] = [];
    if (!name) errors.push(requiredValue(`${at}.name`));
    else if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    else errors.push(...checkString(`${at}.name`, name, dnsLabel));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      errors.push(invalidValue(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(invalidValue(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const)
      if (claim[field] !== undefined) errors.push(...checkString(`${at}.${field}`, claim[field], dnsSubdomain));
    return errors;
  });
}

/** On the host's network a port of the host is the container's own. Templates may leave it to the pod's defaults. */
function validateHostPorts(spec: core.PodSpec, path: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return [];
  return eachItem(`${path}.containers`, spec.containers, (container, at) =>
    eachItem(`${at}.ports`, container.ports, ({ hostPort = 0, containerPort }, field) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [invalidValue(`${field}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : [],
    ),
  );
}

function validateHostUsers(spec: core.PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const why = 'when `hostUsers` is false';
  return [
    ...(spec.hostNetwork ? [forbiddenValue(`${path}.hostNetwork`, why)] : []),
    ...(spec.hostPID ? [forbiddenValue(`${path}.HostPID`, why)] : []),
    ...(spec.hostIPC ? [forbiddenValue(`${path}.HostIPC`, why)] : []),
    ...containersOf(spec, path)
      .filter(([{ volumeDevices }]) => volumeDevices?.length)
      .map(([, at]) => forbiddenValue(`${at}.volumeDevices`, why)),
  ];
}

function validateDns({ dnsConfig, dnsPolicy }: core.PodSpec, path: string): FieldError[] {
  const { nameservers = [], searches = [], options } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && !dnsConfig) return [requiredValue(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  if (dnsPolicy === 'None' && nameservers.length === 0)
    return [requiredValue(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  if (!dnsConfig) return [];
  const errors: FieldError[] = [];
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(invalidValue(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  errors.push(...eachItem(`${path}.nameservers`, nameservers, (server, at) => checkString(at, server, ipAddress)));
  if (searches.length > MAX_SEARCHES)
    errors.push(invalidValue(`${path}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const why = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.push(invalidValue(`${path}.searches`, searches, why));
  }
  return [
    ...errors,
    ...eachItem(`${path}.searches`, searches, (search, at) =>
      search === '.' ? [] : checkString(at, search.replace(/\.$/, ''), subdomainWithUnderscore),
    ),
    ...eachItem(`${path}.options`, options, ({ name }, at) => (name ? [] : [requiredValue(at, 'must not be empty')])),
  ];
}

function validateGates(path: string, gates: readonly core.PodSchedulingGate[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachItem(path, gates, ({ name }, at) => {
    const errors = checkString(at, name, qualifiedName);
    if (seen.has(name)) errors.push(duplicateValue(at, name));
    seen.add(name);
    return errors;
  });
}

function validateHostAliases(path: string, aliases: readonly core.HostAlias[] | undefined): FieldError[] {
  return eachItem(path, aliases, (alias, at) => [
    ...checkString(`${at}.ip`, alias.ip, ipAddress),
    ...eachItem(`${at}.hostnames`, alias.hostnames, (name, field) => checkString(field, name, dnsSubdomain)),
  ]);
}
