// Validation of a pod's spec, in pods and in templates. Pure.

import type { FieldError } from '../status-error.ts';
import type { Container, PodSpec, TopologySpreadConstraint } from '../types/core-v1.gen.ts';
import { validateAffinity } from './affinity.ts';
import { type ContainerContext, validateContainer } from './containers.ts';
import {
  checkAtLeast,
  checkOneOf,
  checkRequired,
  checkString,
  duplicates,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  tooMany,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain, qualifiedName, validateLabels } from './object-meta.ts';
import { ipAddress } from './strings.ts';
import { validateTolerations } from './taints.ts';
import { validateVolumes } from './volumes.ts';

const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const SYSCTL = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;

/** Validates the spec of a pod or template at `path`. */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  return [
    ...validateContainers(spec, path),
    ...validateVolumes(`${path}.volumes`, spec.volumes),
    ...checkOneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES),
    ...validateDns(spec, path),
    ...validateLabels(spec.nodeSelector ?? {}, `${path}.nodeSelector`),
    ...(spec.serviceAccountName ? checkString(`${path}.serviceAccountName`, spec.serviceAccountName, dnsSubdomain) : []),
    ...(spec.nodeName ? checkString(`${path}.nodeName`, spec.nodeName, dnsSubdomain) : []),
    ...(spec.hostname ? checkString(`${path}.hostname`, spec.hostname, dnsLabel) : []),
    ...(spec.subdomain ? checkString(`${path}.subdomain`, spec.subdomain, dnsLabel) : []),
    ...checkAtLeast(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1),
    ...checkAtLeast(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds, 0),
    ...validateTolerations(`${path}.tolerations`, spec.tolerations),
    ...validateAffinity(`${path}.affinity`, spec.affinity),
    ...validateSpread(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...validateSecurity(spec, `${path}.securityContext`),
    ...validateHosts(spec, path),
  ];
}

function validateContainers(spec: PodSpec, path: string): FieldError[] {
  const context: ContainerContext = {
    volumes: new Set((spec.volumes ?? []).map((v) => v.name)),
    hostNetwork: spec.hostNetwork ?? false,
    role: 'container',
  };
  const errors: FieldError[] = spec.containers?.length ? [] : [requiredValue(`${path}.containers`)];
  errors.push(...eachItem(`${path}.containers`, spec.containers, (container, at) => validateContainer(container, at, context)));
  errors.push(
    ...eachItem(`${path}.initContainers`, spec.initContainers, (container, at) => [
      ...validateContainer(container, at, { ...context, role: container.restartPolicy === 'Always' ? 'sidecar' : 'init' }),
    ]),
  );
  const all: [Container, string][] = [
    ...(spec.containers ?? []).map((container, index): [Container, string] => [container, `${path}.containers[${index}].name`]),
    ...(spec.initContainers ?? []).map((container, index): [Container, string] => [container, `${path}.initContainers[${index}].name`]),
  ];
  errors.push(
    ...duplicates(
      all,
      ([container]) => container.name || undefined,
      (index) => all[index]?.[1] ?? path,
    ),
  );
  return [...errors, ...hostPortConflicts(spec, path)];
}

function hostPortConflicts(spec: PodSpec, path: string): FieldError[] {
  const ports = (spec.containers ?? []).flatMap((container, at) =>
    (container.ports ?? []).map((port, index) => ({ port, field: `${path}.containers[${at}].ports[${index}].hostPort` })),
  );
  return duplicates(
    ports,
    ({ port }) => (port.hostPort ? `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort}` : undefined),
    (index) => ports[index]?.field ?? path,
  );
}

function validateDns(spec: PodSpec, path: string): FieldError[] {
  const errors = checkOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  const { nameservers = [], searches = [] } = spec.dnsConfig ?? {};
  if (spec.dnsPolicy === 'None' && !spec.dnsConfig)
    errors.push(requiredValue(`${path}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None'));
  else if (spec.dnsPolicy === 'None' && nameservers.length === 0) {
    errors.push(requiredValue(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(invalidValue(`${path}.dnsConfig.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  if (searches.length > MAX_SEARCHES)
    errors.push(invalidValue(`${path}.dnsConfig.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  return [...errors, ...eachItem(`${path}.dnsConfig.nameservers`, nameservers, (server, at) => checkString(at, server, ipAddress))];
}

function validateSpread(path: string, constraints: readonly TopologySpreadConstraint[] | undefined): FieldError[] {
  const actions = ['DoNotSchedule', 'ScheduleAnyway'];
  const one = (constraint: TopologySpreadConstraint, at: string): FieldError[] => [
    ...(constraint.maxSkew > 0 ? [] : [invalidValue(`${at}.maxSkew`, constraint.maxSkew, 'must be greater than zero')]),
    ...checkRequired(`${at}.topologyKey`, constraint.topologyKey, qualifiedName),
    ...(actions.includes(constraint.whenUnsatisfiable)
      ? []
      : [notSupported(`${at}.whenUnsatisfiable`, constraint.whenUnsatisfiable, actions)]),
  ];
  return [
    ...eachItem(path, constraints, one),
    ...duplicates(
      constraints ?? [],
      (c) => `{${c.topologyKey}, ${c.whenUnsatisfiable}}`,
      (index) => `${path}[${index}].{topologyKey, whenUnsatisfiable}`,
    ),
  ];
}

function validateSecurity(spec: PodSpec, path: string): FieldError[] {
  const { sysctls, runAsUser, runAsGroup, fsGroup, fsGroupChangePolicy } = spec.securityContext ?? {};
  const errors = [
    ...checkAtLeast(`${path}.runAsUser`, runAsUser, 0),
    ...checkAtLeast(`${path}.runAsGroup`, runAsGroup, 0),
    ...checkAtLeast(`${path}.fsGroup`, fsGroup, 0),
    ...checkOneOf(`${path}.fsGroupChangePolicy`, fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
  ];
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      invalidValue(
        `${path.replace(/\.securityContext$/, '')}.shareProcessNamespace`,
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  errors.push(
    ...eachItem(`${path}.sysctls`, sysctls, (sysctl, at) => {
      if (!sysctl.name) return [requiredValue(`${at}.name`)];
      if (!SYSCTL.test(sysctl.name))
        return [invalidValue(`${at}.name`, sysctl.name, `must have at most 253 characters and match regex ${SYSCTL.source}`)];
      const blocked = spec.hostNetwork && /^net[./]/.test(sysctl.name) ? "may not be specified when 'hostNetwork' is true" : '';
      return blocked ? [invalidValue(`${at}.name`, sysctl.name, blocked)] : [];
    }),
  );
  return errors;
}

function validateHosts(spec: PodSpec, path: string): FieldError[] {
  return [
    ...eachItem(`${path}.hostAliases`, spec.hostAliases, (alias, at) => [
      ...checkString(`${at}.ip`, alias.ip, ipAddress),
      ...eachItem(`${at}.hostnames`, alias.hostnames, (name, field) => checkString(field, name, dnsSubdomain)),
    ]),
    ...((spec.schedulingGates?.length ?? 0) > 0 && spec.nodeName && path === 'spec'
      ? [forbiddenValue(`${path}.nodeName`, 'cannot be set until all schedulingGates have been cleared')]
      : []),
    ...((spec.readinessGates?.length ?? 0) > 100 ? [tooMany(`${path}.readinessGates`, spec.readinessGates?.length ?? 0, 100)] : []),
    ...eachItem(`${path}.readinessGates`, spec.readinessGates, (gate, at) =>
      checkString(`${at}.conditionType`, gate.conditionType, qualifiedName),
    ),
  ];
}
