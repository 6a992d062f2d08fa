// Validation of annotations that say something about a pod: mirror pods, old seccomp and AppArmor profiles, the cost of deletion. Pure.

import type { FieldError } from '../status-error.ts';
import type { PodSpec } from '../types/core-v1.gen.ts';
import { forbiddenValue, invalidValue } from './field-error.ts';
import { localPath } from './strings.ts';
import { containersOf } from './windows.ts';

/** Set on pods that a kubelet made of its own manifests. */
export const MIRROR_POD = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const MAX_COST = 2_147_483_647;

/** A number as upstream writes it: no leading plus or zero. */
const isCost = (text: string): boolean =>
  /^(0|-?[1-9]\d*)$/.test(text) && Math.abs(Number(text)) <= MAX_COST + (text.startsWith('-') ? 1 : 0);

type Annotations = Readonly<Record<string, string>>;

/** Validates the annotations of a pod or template at `path`. */
export function validatePodAnnotations(path: string, annotations: Annotations | undefined, spec: PodSpec): FieldError[] {
  if (!annotations) return [];
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    const field = `${path}[${key}]`;
    if (key === MIRROR_POD && !spec.nodeName)
      errors.push(invalidValue(field, value, 'must set spec.nodeName if mirror pod annotation is set'));
    else if (key === DELETION_COST && !isCost(value)) errors.push(invalidValue(field, value, 'must be a 32bit integer'));
    else if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) errors.push(...seccompFaults(`${path}.${key}`, value));
    else if (key.startsWith(APP_ARMOR)) errors.push(...appArmorFaults(field, { name: key.slice(APP_ARMOR.length), value, spec }));
  }
  return errors;
}

function seccompFaults(field: string, profile: string): FieldError[] {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return [];
  if (!profile.startsWith('localhost/')) return [invalidValue(field, profile, 'must be a valid seccomp profile')];
  const file = profile.slice('localhost/'.length);
  return localPath(file).map((why) => invalidValue(field, file, why));
}

function appArmorFaults(field: string, { name, value, spec }: { name: string; value: string; spec: PodSpec }): FieldError[] {
  const known = containersOf(spec, '').some(([container]) => container.name === name);
  const valid = value === '' || value === 'runtime/default' || value === 'unconfined' || value.startsWith('localhost/');
  return [
    ...(known ? [] : [invalidValue(field, name, 'container not found')]),
    ...(valid ? [] : [invalidValue(field, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`)]),
  ];
}

/** What a pod's annotations may not become: mirror pods stay such, and AppArmor profiles what they were. */
export function validateAnnotationChanges(path: string, now: Annotations = {}, old: Annotations = {}): FieldError[] {
  const errors: FieldError[] = [];
  const fixed = (key: string): string | undefined =>
    key === MIRROR_POD ? 'mirror pod annotation' : key.startsWith(APP_ARMOR) ? 'AppArmor annotations' : undefined;
  for (const [key, value] of Object.entries(old)) {
    const what = now[key] === value ? undefined : fixed(key);
    if (what) errors.push(forbiddenValue(`${path}[${key}]`, `may not remove or update ${what}`));
  }
  for (const key of Object.keys(now)) {
    const what = key in old ? undefined : fixed(key);
    if (what) errors.push(forbiddenValue(`${path}[${key}]`, `may not add ${what}`));
  }
  return errors;
}

const FORMS = {
  seccomp: { name: 'seccomp', runtime: ['runtime/default', 'docker/default'] },
  apparmor: { name: 'apparmor', runtime: ['runtime/default'] },
} as const;

/** An old annotation and the field that replaced it say the same. */
function matchFaults(
  path: string,
  { annotation, profile, form }: { annotation: string | undefined; profile: Profile | undefined; form: keyof typeof FORMS },
): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const { name, runtime } = FORMS[form];
  const type = forbiddenValue(`${path}.type`, `${name} type in annotation and field must match`);
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : [type];
    case 'RuntimeDefault':
      return runtime.some((text) => text === annotation) ? [] : [type];
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) return [type];
      if (annotation.slice('localhost/'.length) === profile.localhostProfile) return [];
      return [forbiddenValue(`${path}.localhostProfile`, `${name} profile in annotation and field must match`)];
    default:
      return [];
  }
}

interface Profile {
  readonly type: string;
  readonly localhostProfile?: string;
}

/** Old annotations of profiles and the fields that replaced them say the same. */
export function validateProfiles(path: string, annotations: Annotations | undefined, spec: PodSpec): FieldError[] {
  if (!annotations) return [];
  const pod = spec.securityContext;
  const errors = matchFaults(`${path}.securityContext.seccompProfile`, {
    annotation: annotations[SECCOMP_POD],
    profile: pod?.seccompProfile,
    form: 'seccomp',
  });
  for (const [{ name, securityContext: own }, at] of containersOf(spec, path)) {
    const context = `${at}.securityContext`;
    const seccomp = annotations[SECCOMP_CONTAINER + name];
    errors.push(...matchFaults(`${context}.seccompProfile`, { annotation: seccomp, profile: own?.seccompProfile, form: 'seccomp' }));
    if (spec.os?.name === 'windows') continue;
    const profile = own?.appArmorProfile ?? pod?.appArmorProfile;
    errors.push(...matchFaults(`${context}.appArmorProfile`, { annotation: annotations[APP_ARMOR + name], profile, form: 'apparmor' }));
  }
  return errors;
}
