// Validation of what depends on the operating system of a pod: Windows options, and fields that mean nothing on one system. Pure.
// Rules: "Configure RunAsUserName for Windows pods", "Windows HostProcess containers".

import type { FieldError } from '../status-error.ts';
import type { Container, PodSpec, WindowsSecurityContextOptions } from '../types/core-v1.gen.ts';
import { checkString, forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { dnsSubdomain } from './object-meta.ts';

const MAX_CREDENTIAL_KIB = 64;
const MAX_DOMAIN = 256;
const MAX_USER = 104;
// biome-ignore format: one pattern a line
const CONTROL = /\p{Cc}/u;
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const USER_SIGNS = /["/\\:;|=,+*?<>@[\]]/;

/** Validates the Windows options of a security context. */
export function validateWindowsOptions(path: string, options: WindowsSecurityContextOptions | undefined): FieldError[] {
  if (!options) return [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credential, runAsUserName } = options;
  const errors = name === undefined ? [] : checkString(`${path}.gmsaCredentialSpecName`, name, dnsSubdomain);
  if (credential === '')
    errors.push(invalidValue(`${path}.gmsaCredentialSpec`, credential, 'gmsaCredentialSpec cannot be an empty string'));
  else if (credential && credential.length > MAX_CREDENTIAL_KIB * 1024)
    errors.push(invalidValue(`${path}.gmsaCredentialSpec`, credential, `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_KIB} KiB`));
  if (runAsUserName === undefined) return errors;
  return [...errors, ...userFaults(runAsUserName).map((why) => invalidValue(`${path}.runAsUserName`, runAsUserName, why))];
}

function userFaults(text: string): string[] {
  if (text === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(text)) return ['runAsUserName cannot contain control characters'];
  const parts = text.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const user = parts.at(-1) ?? '';
  const faults: string[] = [];
  if (domain !== undefined && domain.length >= MAX_DOMAIN)
    faults.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`);
  if (domain !== undefined && !NET_BIOS.test(domain) && !DNS.test(domain))
    faults.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === '') faults.push("runAsUserName's User cannot be empty");
  if (user.length > MAX_USER) faults.push(`runAsUserName's User length must not be longer than ${MAX_USER} characters`);
  if (/^[. ]+$/.test(user)) faults.push("runAsUserName's User cannot contain only periods or spaces");
  if (USER_SIGNS.test(user)) faults.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  return faults;
}

/** All containers of a pod with their paths, in upstream's order: initContainers, containers, ephemeralContainers. */
export function containersOf(spec: PodSpec, path: string): [container: Container, path: string][] {
  const all: [Container, string][] = [];
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) all.push([container, `${path}.${list}[${index}]`]);
  }
  return all;
}

/** Either all containers of a pod are processes of the host, or none is. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = containersOf(spec, path);
  const errors: FieldError[] = [];
  let count = 0;
  for (const [container, at] of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, own, why));
    }
    if (own ?? ofPod) count++;
  }
  if (count === 0) return errors;
  if (count !== containers.length)
    errors.push(invalidValue(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  if (!spec.hostNetwork)
    errors.push(invalidValue(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'));
  return errors;
}

const SYSTEMS = ['linux', 'windows'];

/** What a pod of Windows may not have, by where it stands. */
const POD_CONTEXT = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup',
  'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy',
] as const; // biome-ignore format: a list of names
const POD_FIELDS = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;
const CONTAINER_CONTEXT = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged',
  'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup',
] as const; // biome-ignore format: a list of names

/** Validates the operating system of a pod, and that nothing is asked of it that the other has. */
export function validateSystem(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [requiredValue(`${path}.os.name`)];
  if (!SYSTEMS.includes(name)) return [notSupported(`${path}.os`, name, SYSTEMS)];
  return name === 'linux' ? linuxFaults(spec, path) : windowsFaults(spec, path);
}

function linuxFaults(spec: PodSpec, path: string): FieldError[] {
  const why = 'windows options cannot be set for a linux pod';
  const contexts: [object | undefined, string][] = [
    [spec.securityContext?.windowsOptions, path],
    ...containersOf(spec, path).map(([container, at]): [object | undefined, string] => [container.securityContext?.windowsOptions, at]),
  ];
  return contexts.filter(([options]) => options !== undefined).map(([, at]) => forbiddenValue(`${at}.securityContext.windowsOptions`, why));
}

function windowsFaults(spec: PodSpec, path: string): FieldError[] {
  const why = 'cannot be set for a windows pod';
  const { securityContext: context } = spec;
  const errors = POD_CONTEXT.filter((name) => context?.[name] !== undefined).map((name) =>
    forbiddenValue(`${path}.securityContext.${name}`, why),
  );
  for (const name of POD_FIELDS) if (spec[name] !== undefined) errors.push(forbiddenValue(`${path}.${name}`, why));
  for (const [container, at] of containersOf(spec, path)) {
    const own = container.securityContext;
    for (const name of CONTAINER_CONTEXT) if (own?.[name] !== undefined) errors.push(forbiddenValue(`${at}.securityContext.${name}`, why));
  }
  return errors;
}
