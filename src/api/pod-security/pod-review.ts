// Which pods are looked at again: updates that could change what a pod does, and the pods of a namespace whose level rises. Pure.

import type { KubeObject } from '../object.ts';
import type { Container, EphemeralContainer, Pod } from '../types/core-v1.gen.ts';
import type { PodLike } from './check.ts';
import { formatLevel, type LevelVersion } from './pod-security-policy.ts';
import { reasonsText, violationsOf } from './security-checks.ts';

const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';
/** Pods of a namespace that are looked at when its labels change: upstream's bound. */
const MAX_PODS = 3000;

/** Whether an update changes something that the checks look at: images, containers, seccomp annotations. */
export function isSignificantChange(pod: Pod, old: Pod): boolean {
  const annotation = ({ metadata }: Pod, key: string): string | undefined => metadata.annotations?.[key];
  if (annotation(pod, SECCOMP_POD_ANNOTATION) !== annotation(old, SECCOMP_POD_ANNOTATION)) return true;
  const differs = (container: Container | EphemeralContainer, before: Container | EphemeralContainer | undefined): boolean => {
    const key = SECCOMP_CONTAINER_ANNOTATION + container.name;
    return container.image !== before?.image || annotation(pod, key) !== annotation(old, key);
  };
  const listDiffers = (list: readonly Container[] = [], before: readonly Container[] = []): boolean =>
    list.length !== before.length || list.some((container, index) => differs(container, before[index]));
  const { spec } = pod;
  if (listDiffers(spec.containers, old.spec.containers) || listDiffers(spec.initContainers, old.spec.initContainers)) return true;
  const known = new Map((old.spec.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (spec.ephemeralContainers ?? []).some((container) => differs(container, known.get(container.name)));
}

/** The template from which objects of a resource make pods; undefined for resources that make none. */
export function podTemplateOf(resource: string, object: KubeObject): PodLike | undefined {
  const path = TEMPLATES[resource];
  let value: unknown = path && object;
  for (const member of path ?? []) value = typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined;
  // The path leads to a PodTemplateSpec in objects of that resource.
  return value as PodLike | undefined;
}

const SPEC_TEMPLATE = ['spec', 'template'];
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  podtemplates: ['template'],
  replicationcontrollers: SPEC_TEMPLATE,
  'replicasets.apps': SPEC_TEMPLATE,
  'deployments.apps': SPEC_TEMPLATE,
  'statefulsets.apps': SPEC_TEMPLATE,
  'daemonsets.apps': SPEC_TEMPLATE,
  'jobs.batch': SPEC_TEMPLATE,
  'cronjobs.batch': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** What a user is told who raises the level of a namespace with such pods. Pods of one owner are alike: one of each is looked at first. */
export function existingPodWarnings(namespace: string, pods: readonly Pod[], level: LevelVersion): string[] {
  const checked = oneOfEachOwnerFirst(pods).slice(0, MAX_PODS);
  const found = new Map<string, string[]>();
  for (const pod of checked) {
    const reasons = reasonsText(violationsOf(pod, level));
    if (reasons !== '') found.set(reasons, [...(found.get(reasons) ?? []), pod.metadata.name ?? '']);
  }
  const warnings: string[] = [];
  if (checked.length < pods.length) {
    warnings.push(`new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`);
  }
  if (found.size > 0) {
    warnings.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${formatLevel(level)}"`);
  }
  return [...warnings, ...[...found].map(([reasons, names]) => `${podsText(names)}: ${reasons}`).sort()];
}

function oneOfEachOwnerFirst(pods: readonly Pod[]): Pod[] {
  const owners = new Set<string>();
  const first: Pod[] = [];
  const rest: Pod[] = [];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller)?.uid;
    if (owner !== undefined && owners.has(owner)) rest.push(pod);
    else first.push(pod);
    if (owner !== undefined) owners.add(owner);
  }
  return [...first, ...rest];
}

function podsText(names: readonly string[]): string {
  const [first = ''] = [...names].sort();
  if (names.length === 1) return first;
  return names.length === 2 ? `${first} (and 1 other pod)` : `${first} (and ${names.length - 1} other pods)`;
}
