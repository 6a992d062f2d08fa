// Validation of security contexts of pods and containers. Pure. Rules: "Configure a Security Context for a Pod or Container", "Sysctls".

import type { FieldError } from '../status-error.ts';
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../types/core-v1.gen.ts';
import { checkString, duplicateValue, invalidValue, notSupported, requiredValue, tooLong } from './field-error.ts';
import { localPath } from './strings.ts';
import { validateWindowsOptions } from './windows.ts';

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const MAX_ID = 2_147_483_647;
const MAX_SYSCTL = 253;
const MAX_PROFILE_PATH = 4095;
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const SYSCTL_TEXT = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const SYSCTL_IPC = /^(kernel[./](shm|msg|sem$)|fs[./]mqueue[./])/;
const SYSCTL_NET = /^net[./]/;

/** The number of a user or group. */
export function checkId(field: string, id: number | undefined): FieldError[] {
  return id === undefined || (id >= 0 && id <= MAX_ID) ? [] : [invalidValue(field, id, `must be between 0 and ${MAX_ID}, inclusive`)];
}

function validateSeccomp(path: string, profile: SeccompProfile | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors = !type
    ? [requiredValue(`${path}.type`, 'type is required when seccompProfile is set')]
    : PROFILE_TYPES.includes(type)
      ? []
      : [notSupported(`${path}.type`, type, PROFILE_TYPES)];
  const field = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(requiredValue(field, 'must be set when seccomp type is Localhost'));
    else errors.push(...checkString(field, localhostProfile, localPath));
  } else if (localhostProfile !== undefined) {
    errors.push(invalidValue(field, profile, 'can only be set when seccomp type is Localhost'));
  }
  return errors;
}

function validateAppArmor(path: string, profile: AppArmorProfile | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const field = `${path}.localhostProfile`;
  if (!type) return [requiredValue(`${path}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILE_TYPES.includes(type)) return [notSupported(`${path}.type`, type, PROFILE_TYPES)];
  if (type !== 'Localhost') {
    return localhostProfile === undefined ? [] : [invalidValue(field, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  }
  if (localhostProfile === undefined) return [requiredValue(field, 'must be set when AppArmor type is Localhost')];
  const errors: FieldError[] = [];
  if (localhostProfile !== localhostProfile.trim())
    errors.push(invalidValue(field, localhostProfile, 'must not be padded with whitespace'));
  else if (localhostProfile === '') errors.push(requiredValue(field, 'must be set when AppArmor type is Localhost'));
  if (localhostProfile.length > MAX_PROFILE_PATH) errors.push(tooLong(field, MAX_PROFILE_PATH));
  return errors;
}

/** Validates the security context of a container. `hostUsers`: whether the pod shares the host's user namespace. */
export function validateSecurityContext(path: string, context: SecurityContext | undefined, hostUsers: boolean): FieldError[] {
  if (!context) return [];
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context;
  const errors = [...checkId(`${path}.runAsUser`, context.runAsUser), ...checkId(`${path}.runAsGroup`, context.runAsGroup)];
  if (procMount !== undefined) {
    const kinds = ['Default', 'Unmasked'];
    if (!kinds.includes(procMount)) errors.push(notSupported(`${path}.procMount`, procMount, kinds));
    if (hostUsers && procMount === 'Unmasked')
      errors.push(invalidValue(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...validateSeccomp(`${path}.seccompProfile`, context.seccompProfile));
  if (allowPrivilegeEscalation === false) {
    if (privileged) errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (capabilities?.add?.includes('CAP_SYS_ADMIN'))
      errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  return [
    ...errors,
    ...validateWindowsOptions(`${path}.windowsOptions`, context.windowsOptions),
    ...validateAppArmor(`${path}.appArmorProfile`, context.appArmorProfile),
  ];
}

/** Validates the security context of a pod, with what of the spec upstream counts to it. */
export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const context = spec.securityContext;
  const errors: FieldError[] = [];
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(invalidValue(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  if (!context) return errors;
  for (const name of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) errors.push(...checkId(`${path}.${name}`, context[name]));
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    errors.push(...checkId(`${path}.supplementalGroups[${index}]`, group));
  return [
    ...errors,
    ...(context.sysctls?.length ? validateSysctls(`${path}.sysctls`, context.sysctls, spec) : []),
    ...checkPolicy(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(`${path}.seccompProfile`, context.seccompProfile),
    ...validateWindowsOptions(`${path}.windowsOptions`, context.windowsOptions),
    ...validateAppArmor(`${path}.appArmorProfile`, context.appArmorProfile),
    ...checkPolicy(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...checkPolicy(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ];
}

/** A policy that may be absent but not empty. */
function checkPolicy(field: string, policy: string | undefined, supported: readonly string[]): FieldError[] {
  return policy === undefined || supported.includes(policy) ? [] : [notSupported(field, policy, supported)];
}

function validateSysctls(path: string, sysctls: NonNullable<PodSecurityContext['sysctls']>, spec: PodSpec): FieldError[] {
  const names = new Set<string>();
  return sysctls.flatMap(({ name }, index) => {
    const field = `${path}[${index}].name`;
    const errors: FieldError[] = [];
    if (!name) errors.push(requiredValue(field));
    else if (name.length > MAX_SYSCTL || !SYSCTL.test(name))
      errors.push(invalidValue(field, name, `must have at most ${MAX_SYSCTL} characters and match regex ${SYSCTL_TEXT}`));
    else if (names.has(name)) errors.push(duplicateValue(field, name));
    if (spec.hostNetwork && SYSCTL_NET.test(name))
      errors.push(invalidValue(field, name, "may not be specified when 'hostNetwork' is true"));
    else if (spec.hostIPC && SYSCTL_IPC.test(name)) errors.push(invalidValue(field, name, "may not be specified when 'hostIPC' is true"));
    names.add(name);
    return errors;
  });
}
