// Warnings about pods and templates of pods: what is valid, but deprecated, without effect or not what was meant. Pure.

import type * as core from '../types/core-v1.gen.ts';
import { dnsLabel } from '../validation/object-meta.ts';
import { containersOf } from '../validation/windows.ts';
import { addressWarnings } from './addresses.ts';
import { amountWarnings, containerWarnings, portWarnings } from './containers.ts';
import { labelWarnings, selectorWarnings, termWarnings } from './node-labels.ts';
import { volumeWarnings } from './volumes.ts';

const NO_MATCH = 'a null labelSelector results in matching no pod';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const USE_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const USE_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead';
const ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

type Annotations = Readonly<Record<string, string>> | undefined;
type Containers = readonly (readonly [container: core.Container, path: string])[];

/** Warnings about a new pod. */
export function podWarnings({ metadata, spec }: core.Pod): string[] {
  const faults = dnsLabel(metadata.name ?? '');
  const named =
    faults.length === 0
      ? []
      : [
          `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${faults.join(' ')}]`,
        ];
  return [...named, ...specWarnings('', metadata.annotations, spec)];
}

/** Warnings about a template of pods at `path`. */
export function templateWarnings(path: string, template: core.PodTemplateSpec | undefined): string[] {
  return template?.spec ? specWarnings(`${path}.`, template.metadata?.annotations, template.spec) : [];
}

/** Warnings about the name of what names its pods after itself. */
export function podNameWarnings(name: string | undefined): string[] {
  const faults = dnsLabel(name ?? '');
  const why = 'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended';
  return faults.length === 0 ? [] : [`metadata.name: ${why}: [${faults.join(' ')}]`];
}

function specWarnings(base: string, annotations: Annotations, spec: core.PodSpec): string[] {
  const path = `${base}spec`;
  const containers = containersOf(spec, path);
  const period = spec.terminationGracePeriodSeconds ?? 0;
  return [
    ...selectorWarnings((label) => `${path}.nodeSelector[${label}]`, spec.nodeSelector),
    ...nodeAffinityWarnings(`${path}.affinity.nodeAffinity`, spec.affinity?.nodeAffinity),
    ...spreadWarnings(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...annotationWarnings(`${base}metadata.annotations`, annotations, { spec, containers }),
    ...volumeWarnings(`${path}.volumes`, spec.volumes),
    ...repetitionWarnings(path, spec),
    ...amountWarnings(`${path}.overhead`, spec.overhead),
    ...containers.flatMap(([container, at]) => containerWarnings(container, at)),
    ...portWarnings(containers),
    ...(period < 0 ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : []),
    ...podAffinityWarnings(`${path}.affinity.podAffinity`, spec.affinity?.podAffinity),
    ...podAffinityWarnings(`${path}.affinity.podAntiAffinity`, spec.affinity?.podAntiAffinity),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, i) => addressWarnings(`${path}.dnsConfig.nameservers[${i}]`, ip)),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, i) => addressWarnings(`${path}.hostAliases[${i}].ip`, ip)),
  ];
}

function nodeAffinityWarnings(path: string, affinity: core.NodeAffinity | undefined): string[] {
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...required.flatMap((term, i) => termWarnings(`${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, term)),
    ...preferred.flatMap(({ preference }, i) =>
      termWarnings(`${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, preference),
    ),
  ];
}

function podAffinityWarnings(path: string, affinity: core.PodAffinity | core.PodAntiAffinity | undefined): string[] {
  const unselective = (at: string, term: core.PodAffinityTerm | undefined): string[] =>
    term && !term.labelSelector ? [`${at}.labelSelector: ${NO_MATCH}`] : [];
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...required.flatMap((term, i) => unselective(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, term)),
    ...preferred.flatMap(({ podAffinityTerm }, i) =>
      unselective(`${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`, podAffinityTerm),
    ),
  ];
}

function spreadWarnings(path: string, constraints: readonly core.TopologySpreadConstraint[] | undefined): string[] {
  return (constraints ?? []).flatMap(({ topologyKey, labelSelector }, i) => [
    ...labelWarnings(`${path}[${i}].topologyKey`, topologyKey),
    ...(labelSelector ? [] : [`${path}[${i}].labelSelector: ${NO_MATCH}`]),
  ]);
}

function annotationWarnings(
  path: string,
  annotations: Annotations,
  pod: { readonly spec: core.PodSpec; readonly containers: Containers },
): string[] {
  if (!annotations) return [];
  const old = (key: string, isReplaced: boolean, text: string): string[] =>
    annotations[key] !== undefined && !isReplaced ? [`${path}[${key}]: ${text}`] : [];
  return [
    ...Object.entries(ANNOTATIONS).flatMap(([key, text]) => old(key, false, text)),
    ...old(SECCOMP_POD, pod.spec.securityContext?.seccompProfile !== undefined, USE_SECCOMP),
    ...pod.containers.flatMap(([{ name, securityContext }]) => [
      ...old(`${SECCOMP_CONTAINER}${name}`, securityContext?.seccompProfile !== undefined, USE_SECCOMP),
      ...old(`${APP_ARMOR}${name}`, securityContext?.appArmorProfile !== undefined, USE_APP_ARMOR),
    ]),
  ];
}

/** What stands twice where once is meant. */
function repetitionWarnings(path: string, { hostAliases, imagePullSecrets }: core.PodSpec): string[] {
  const addresses = new Set<string>();
  const names = new Set<string>();
  const again = (seen: Set<string>, value: string): boolean => seen.has(value) || !seen.add(value);
  return [
    ...(hostAliases ?? []).flatMap(({ ip }, i) =>
      again(addresses, ip) ? [`${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`] : [],
    ),
    ...(imagePullSecrets ?? []).flatMap(({ name = '' }, i) => {
      const at = `${path}.imagePullSecrets[${i}].name`;
      if (name === '') return [`${at}: invalid empty name ""`];
      return again(names, name) ? [`${at}: duplicate name ${JSON.stringify(name)}`] : [];
    }),
  ];
}
