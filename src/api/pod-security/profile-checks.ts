// Pod Security Standards: AppArmor, seccomp and SELinux. Pure.

import type { SELinuxOptions } from '../types/core-v1.gen.ts';
import {
  type CheckPod,
  containersOf,
  containersText,
  distinct,
  namesWhere,
  type PodLike,
  plural,
  quoted,
  type SecurityCheck,
  settersText,
  unlessWindows,
} from './check.ts';

const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';

interface Profile {
  readonly type: string;
}

const isSafe = (profile: Profile): boolean => profile.type === 'RuntimeDefault' || profile.type === 'Localhost';
const isUnsafe = (profile: Profile | undefined): boolean => profile !== undefined && !isSafe(profile);
const unsafeTypes = (profiles: readonly (Profile | undefined)[]): string[] =>
  distinct(profiles.flatMap((profile) => (profile && !isSafe(profile) ? [profile.type] : [])));

function appArmor(pod: PodLike): ReturnType<CheckPod> {
  const ofPod = pod.spec.securityContext?.appArmorProfile;
  const names = namesWhere(pod, ({ securityContext }) => isUnsafe(securityContext?.appArmorProfile));
  const types = unsafeTypes([ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.appArmorProfile)]);
  const annotations = Object.entries(pod.metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(APP_ARMOR_ANNOTATION) && !/^($|runtime\/default$|localhost\/)/.test(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const setters = [settersText(isUnsafe(ofPod), names), annotations.length > 0 ? plural(annotations.length, 'annotation') : ''];
  const who = setters.filter((setter) => setter !== '').join(' and ');
  if (who === '') return undefined;
  const values = [...types, ...annotations];
  return {
    reason: plural(values.length, 'forbidden AppArmor profile'),
    detail: `${who} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

/** AppArmor is not switched off. */
export const appArmorProfile: SecurityCheck = { id: 'appArmorProfile', level: 'baseline', versions: [[0, appArmor]] };

/** Before there was a field: the annotations of the pod and of its containers. */
function seccompAnnotations(pod: PodLike): ReturnType<CheckPod> {
  const keys = [SECCOMP_POD_ANNOTATION, ...containersOf(pod).map(({ name }) => SECCOMP_CONTAINER_ANNOTATION + name)];
  const bad = keys.flatMap((key) => {
    const value = pod.metadata?.annotations?.[key];
    return value === undefined || /^(runtime\/default$|docker\/default$|localhost\/)/.test(value)
      ? []
      : [`${key}=${JSON.stringify(value)}`];
  });
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural(distinct(bad).length, 'annotation')} ${distinct(bad).join(', ')}` };
}

function seccompSet(pod: PodLike): ReturnType<CheckPod> {
  const ofPod = pod.spec.securityContext?.seccompProfile;
  const who = settersText(
    isUnsafe(ofPod),
    namesWhere(pod, ({ securityContext }) => isUnsafe(securityContext?.seccompProfile)),
  );
  if (who === '') return undefined;
  const types = unsafeTypes([ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.seccompProfile)]);
  return { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}` };
}

/** Seccomp is not switched off. */
export const seccompBaseline: SecurityCheck = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    [0, seccompAnnotations],
    [19, seccompSet],
  ],
};

const seccompChosen: CheckPod = (pod) => {
  const bad = seccompSet(pod);
  if (bad || pod.spec.securityContext?.seccompProfile) return bad;
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (names.length === 0) return undefined;
  const detail = `pod or ${containersText(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

/** A seccomp profile is chosen. */
export const seccompRestricted: SecurityCheck = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  overrides: ['seccompProfile_baseline'],
  versions: [
    [19, seccompChosen],
    [25, unlessWindows(seccompChosen)],
  ],
};

const TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const seLinux =
  (allowed: readonly string[]): CheckPod =>
  (pod) => {
    const isBad = (options: SELinuxOptions | undefined): boolean =>
      options !== undefined && (!allowed.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
    const ofPod = pod.spec.securityContext?.seLinuxOptions;
    const names = namesWhere(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    const who = settersText(isBad(ofPod), names);
    if (who === '') return undefined;
    const all = [ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.seLinuxOptions)];
    const types = distinct(all.map((options) => options?.type ?? '').filter((type) => !allowed.includes(type)));
    const data = [
      ...(types.length > 0 ? [`${plural(types.length, 'type')} ${quoted(types)}`] : []),
      ...(all.some((options) => options?.user) ? ['user may not be set'] : []),
      ...(all.some((options) => options?.role) ? ['role may not be set'] : []),
    ];
    return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}` };
  };

/** Only SELinux types that confine containers. */
export const seLinuxOptions: SecurityCheck = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    [0, seLinux(TYPES)],
    [31, seLinux([...TYPES, 'container_engine_t'])],
  ],
};
