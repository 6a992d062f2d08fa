// Validation of writes of a pod's status: what ended stays ended, addresses are addresses. Pure.

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import {
  checkImmutable,
  checkOptional,
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
} from './field-error.ts';
import { dnsSubdomain, qualifiedName } from './object-meta.ts';
import { validateAnnotationChanges, validatePodAnnotations } from './pod-annotations.ts';
import { checkId } from './security.ts';
import { ipAddress, isDualStack } from './strings.ts';

const SYSTEM_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];

/** Validates a write of pods/status. */
export function validatePodStatus(pod: core.Pod, old: core.Pod): FieldError[] {
  const { status = {}, spec, metadata } = pod;
  const before = old.status ?? {};
  const errors = [
    ...validatePodAnnotations('metadata.annotations', metadata.annotations, spec),
    ...validateAnnotationChanges('metadata.annotations', metadata.annotations, old.metadata.annotations),
    // Upstream reports conditions below the metadata.
    ...eachItem('metadata.conditions', status.conditions, ({ type }, at) =>
      SYSTEM_CONDITIONS.has(type) ? [] : checkString(`${at}.Type`, type, qualifiedName),
    ),
  ];
  if (status.nominatedNodeName !== before.nominatedNodeName)
    errors.push(...checkOptional('status.nominatedNodeName', status.nominatedNodeName, dnsSubdomain));
  return [
    ...errors,
    ...checkImmutable('status.qosClass', status.qosClass, before.qosClass),
    ...validateStates(status, before, old.spec),
    ...validateClaimStatuses(status.resourceClaimStatuses, spec),
    ...validateAddresses(status),
    ...validateStatuses(status, spec),
  ];
}

type StatusList = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';

/** Containers that ended and may not run again do not. */
function validateStates(status: core.PodStatus, before: core.PodStatus, spec: core.PodSpec): FieldError[] {
  const sidecars = new Set((spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map(({ name }) => name));
  const ruled = new Map([...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((c) => [c.name, c] as const));
  const stays = (list: StatusList, { name, state }: core.ContainerStatus): boolean => {
    if (!state?.terminated) return false;
    if (list === 'ephemeralContainerStatuses') return true;
    if (list === 'initContainerStatuses' && sidecars.has(name)) return false;
    const own = ruled.get(name);
    if (own?.restartPolicyRules?.length) return false;
    const policy = own?.restartPolicy ?? spec.restartPolicy ?? 'Always';
    if (policy === 'Always') return false;
    return !(policy === 'OnFailure' && (state.terminated.exitCode ?? 0) !== 0);
  };
  return (['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const).flatMap((list) =>
    eachItem(`status.${list}`, before[list], (was, at) => {
      const now = status[list]?.find(({ name }) => name === was.name);
      const back = now !== undefined && !now.state?.terminated && stays(list, was);
      return back ? [forbiddenValue(`${at}.state`, 'may not be transitioned to non-terminated state')] : [];
    }),
  );
}

function validateClaimStatuses(statuses: readonly core.PodResourceClaimStatus[] | undefined, spec: core.PodSpec): FieldError[] {
  const names = new Set<string>();
  return eachItem('status.resourceClaimStatuses', statuses, ({ name, resourceClaimName }, at) => {
    const errors: FieldError[] = [];
    if (!spec.resourceClaims?.some((claim) => claim.name === name))
      errors.push(invalidValue(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
    return resourceClaimName === undefined ? errors : [...errors, ...checkString(`${at}.name`, resourceClaimName, dnsSubdomain)];
  });
}

function validateAddresses({ podIPs, hostIP, hostIPs }: core.PodStatus): FieldError[] {
  const errors = addressFaults('status.podIPs', podIPs);
  const first = hostIPs?.[0]?.ip;
  if (first !== undefined && first !== hostIP) errors.push(invalidValue('status.hostIPs[0].ip', first, 'must be equal to `hostIP`'));
  return [...errors, ...addressFaults('status.hostIPs', hostIPs)];
}

function addressFaults(path: string, list: readonly { readonly ip: string }[] | undefined): FieldError[] {
  if (!list?.length) return [];
  const ips = list.map(({ ip }) => ip);
  const errors = eachItem(path, ips, (ip, at) => checkString(at, ip, ipAddress));
  if (ips.length < 2) return errors;
  if (ips.length > 2 || !isDualStack(ips)) errors.push(invalidValue(path, list, 'may specify no more than one IP for each IP family'));
  for (const [index, ip] of ips.entries()) if (ips.indexOf(ip) < index) errors.push(duplicateValue(`${path}[${index}]`, list[index]));
  return errors;
}

function validateStatuses(status: core.PodStatus, spec: core.PodSpec): FieldError[] {
  const lists: readonly (readonly [StatusList, readonly core.Container[] | undefined])[] = [
    ['containerStatuses', spec.containers],
    ['initContainerStatuses', spec.initContainers],
    ['ephemeralContainerStatuses', undefined],
  ];
  return lists.flatMap(([list, containers]) =>
    eachItem(`status.${list}`, status[list], (container, at) => {
      const errors = userFaults(container.user?.linux, `${at}.linux`, spec.os?.name ?? 'linux');
      if (!container.allocatedResourcesStatus?.length) return errors;
      if (list === 'ephemeralContainerStatuses')
        return [...errors, forbiddenValue(`${at}.allocatedResourcesStatus`, 'must not be specified in container status')];
      const own = containers?.find(({ name }) => name === container.name);
      return [
        ...errors,
        ...eachItem(`${at}.allocatedResourcesStatus`, container.allocatedResourcesStatus, (r, field) => allocationFaults(r, field, own)),
      ];
    }),
  );
}

function userFaults(user: core.LinuxContainerUser | undefined, path: string, system: string): FieldError[] {
  if (!user) return [];
  if (system === 'windows') return [forbiddenValue(path, 'cannot be set for a windows pod')];
  return [
    ...checkId(`${path}.uid`, user.uid),
    ...checkId(`${path}.gid`, user.gid),
    ...eachItem(`${path}.supplementalGroups`, user.supplementalGroups, (id, at) => checkId(at, id)),
  ];
}

function allocationFaults({ name, resources }: core.ResourceStatus, path: string, container: core.Container | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (container) {
    const claims = (container.resources?.claims ?? []).map((c) => `claim:${c.name}${c.request ? `/${c.request}` : ''}`);
    const ofClaim = name.startsWith('claim:');
    const found = ofClaim ? claims.includes(name) : container.resources?.requests?.[name] !== undefined;
    const why = ofClaim
      ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
      : "must match one of the container's resource requests";
    if (!found) errors.push(invalidValue(`${path}.name`, name, why));
  }
  const seen = new Set<string>();
  return [
    ...errors,
    ...eachItem(`${path}.resources`, resources, ({ health = '', resourceID }, at) => {
      const faults = HEALTH.includes(health) ? [] : [notSupported(`${at}.health`, health, HEALTH)];
      if (seen.has(resourceID)) faults.push(duplicateValue(`${at}.resourceID`, resourceID));
      seen.add(resourceID);
      return faults;
    }),
  ];
}
