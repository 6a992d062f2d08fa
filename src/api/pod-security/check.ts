// What a check of the Pod Security Standards is, and the words that checks share. Texts are upstream's, which users search for. Pure.

import type { Container, PodSpec } from '../types/core-v1.gen.ts';
import type { ObjectMeta } from '../types/meta-v1.gen.ts';

/** A pod, or the template of one. */
export interface PodLike {
  readonly metadata: Pick<ObjectMeta, 'annotations'> | undefined;
  readonly spec: PodSpec;
}

/** What a pod does that a level does not allow, e.g. `hostPort` with `container "web" uses hostPort 80`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** Looks for one violation. */
export type CheckPod = (pod: PodLike) => Violation | undefined;

/** One control of the standards, as it was in each version of them. */
export interface SecurityCheck {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** Checks of the baseline that this one makes superfluous, by id. */
  readonly overrides?: readonly string[];
  /** Minor version from which on the check is made in this way; oldest first. */
  readonly versions: readonly (readonly [minor: number, check: CheckPod])[];
}

/** All containers that may be started, in upstream's order; an ephemeral one has what the others have. */
export function containersOf({ spec }: PodLike): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** The containers for which `holds` holds, by name. */
export function namesWhere(pod: PodLike, holds: (container: Container) => boolean): string[] {
  return containersOf(pod)
    .filter(holds)
    .map((container) => container.name);
}

/** `"a", "b"`. */
export const quoted = (items: readonly string[]): string => items.map((item) => `"${item}"`).join(', ');

/** Each once, in order. */
export const distinct = (items: readonly string[]): string[] => [...new Set(items)].sort();

/** The word for so many. */
export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many);

/** `container "a"`, or `containers "a", "b"`. */
export const containersText = (names: readonly string[]): string => `${plural(names.length, 'container')} ${quoted(names)}`;

/** Who sets something: `pod and container "a"`. Empty when nobody does. */
export function settersText(isPod: boolean, names: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(names.length > 0 ? [containersText(names)] : [])].join(' and ');
}

/** Windows has no Linux security context: from 1.25 on some checks pass over such pods. */
export const unlessWindows =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.os?.name === 'windows' ? undefined : check(pod);

/** In a user namespace root is nobody outside: from 1.35 on some checks pass over such pods (KEP-127). */
export const unlessUserNamespace =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : check(pod);
