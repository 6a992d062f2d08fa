// Validation of writes of a pod's status: what ended stays ended, addresses are addresses. Pure.

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { checkImmutable, checkString, duplicateValue, eachItem, forbiddenValue, invalidValue, notSupported } from './field-error.ts';
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
    ...eachItem('status.conditions', status.conditions, ({ type, observedGeneration }, at) => [
      ...checkGeneration(`${at}.observedGeneration`, observedGeneration),
      ...(SYSTEM_CONDITIONS.has(type) ? [] : checkString(`${at}.Type`, type, qualifiedName)),
    ]),
  ];
  errors.push(...validateNomination(status.nominatedNodeName, old));
  return [
    ...errors,
    ...checkGeneration('status.observedGeneration', status.observedGeneration),
    ...checkImmutable('status.qosClass', status.qosClass, before.qosClass),
    ...validateStates(status, before, old.spec),
    ...validateClaimStatuses(status.resourceClaimStatuses, spec),
    ...validateAddresses(status),
    ...validateStatuses(status, spec),
  ];
}

const checkGeneration = (field: string, generation: number | undefined): FieldError[] =>
  generation !== undefined && generation < 0 ? [invalidValue(field, generation, 'must be a non-negative integer')] : [];

/** A node that may be meant for a pod says nothing once the pod has one. */
function validateNomination(name: string | undefined, old: core.Pod): FieldError[] {
  if (!name || name === old.status?.nominatedNodeName) return [];
  const field = 'status.nominatedNodeName';
  const errors = checkString(field, name, dnsSubdomain);
  return old.spec.nodeName ? [...errors, forbiddenValue(field, 'may not be set on pods that are already bound to a node')] : errors;
}

type StatusList = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';

/** Containers that ended and may not run again do not. */
function validateStates(status: core.PodStatus, before: core.PodStatus, spec: core.PodSpec): FieldError[] {
  const lists = { containerStatuses: spec.containers, initContainerStatuses: spec.initContainers, ephemeralContainerStatuses: undefined };
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  // Where one container may have all started anew, any of them may run again.
  const anew = all.some(({ restartPolicyRules: rules }) => rules?.some(({ action }) => action === 'RestartAllContainers'));
  const stays = (list: StatusList, { name, state }: core.ContainerStatus): boolean => {
    if (!state?.terminated) return false;
    if (list === 'ephemeralContainerStatuses') return true;
    if (anew) return false;
    const own = lists[list]?.find((container) => container.name === name);
    return !own || !mayRestart(own, spec, state.terminated.exitCode ?? 0);
  };
  return (['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const).flatMap((list) =>
    eachItem(`status.${list}`, before[list], (was, at) => {
      const now = status[list]?.find(({ name }) => name === was.name);
      const back = now !== undefined && !now.state?.terminated && stays(list, was);
      return back ? [forbiddenValue(`${at}.state`, 'may not be transitioned to non-terminated state')] : [];
    }),
  );
}

/** Whether a container that ended with that code is started again: by its first rule that says so, else by its policy or the pod's. */
function mayRestart({ restartPolicy, restartPolicyRules }: core.Container, spec: core.PodSpec, code: number): boolean {
  const matches = ({ exitCodes }: core.ContainerRestartRule): boolean =>
    exitCodes !== undefined && (exitCodes.values ?? []).includes(code) === (exitCodes.operator === 'In');
  if (restartPolicy !== undefined && restartPolicyRules?.some(matches)) return true;
  const policy = restartPolicy ?? spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}

function validateClaimStatuses(statuses: readonly core.PodResourceClaimStatus[] | undefined, spec: core.PodSpec): FieldError[] {
  const names = new Set<string>();
  return eachItem('status.resourceClaimStatuses', statuses, ({ name, resourceClaimName }, at) => {
    const errors: FieldError[] = [];
    if (!spec.resourceClaims?.some((claim) => claim.name === name))
      errors.push(invalidValue(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
    return resourceClaimName === undefined
      ? errors
      : [...errors, ...checkString(`${at}.resourceClaimName`, resourceClaimName, dnsSubdomain)];
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
      const errors = userFaults(container.user?.linux, `${at}.user.linux`, spec.os?.name ?? 'linux');
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
