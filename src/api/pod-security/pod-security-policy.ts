// Levels and versions of the Pod Security Standards, and how the labels of a namespace choose them.
// Rules: Kubernetes documentation "Pod Security Admission". Pure.

import type { FieldError } from '../status-error.ts';
import { invalidValue } from '../validation/field-error.ts';

/** Levels, the most open first. */
const LEVELS = ['privileged', 'baseline', 'restricted'] as const;

/** What pods may do. */
export type SecurityLevel = (typeof LEVELS)[number];

/** A level as it was in one version of the standards. */
export interface LevelVersion {
  readonly level: SecurityLevel;
  /** Minor version of Kubernetes; undefined = the latest. */
  readonly minor: number | undefined;
}

/** What becomes of pods that violate: refused, told of in the audit log, told to the user. */
export interface SecurityPolicy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

const MODES = ['enforce', 'audit', 'warn'] as const;
const PREFIX = 'pod-security.kubernetes.io/';
const OPEN: LevelVersion = { level: 'privileged', minor: undefined };
const ALL_OPEN: SecurityPolicy = { enforce: OPEN, audit: OPEN, warn: OPEN };

/** `restricted:latest`, `baseline:v1.30`. */
export function formatLevel({ level, minor }: LevelVersion): string {
  return `${level}:${minor === undefined ? 'latest' : `v1.${minor}`}`;
}

/** Negative when `a` is more open than `b`. */
export function compareLevels(a: SecurityLevel, b: SecurityLevel): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/** Whether two are the same level and version. */
export const sameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor;

/**
 * The policy that a namespace's labels choose, and what is wrong with them. A level that is none counts as the strictest for enforcing,
 * as the most open for the rest; a version that is none as the latest.
 */
export function policyOf(
  labels: Readonly<Record<string, string>> | undefined,
  defaults: SecurityPolicy = ALL_OPEN,
): { policy: SecurityPolicy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: (typeof MODES)[number]): LevelVersion => {
    const level = labels?.[PREFIX + mode];
    const version = labels?.[`${PREFIX}${mode}-version`];
    const known = LEVELS.find((each) => each === level);
    if (level !== undefined && !known) errors.push(labelError(mode, level, `must be one of ${LEVELS.join(', ')}`));
    const match = /^v1\.(0|[1-9][0-9]*)$/.exec(version ?? '');
    if (version !== undefined && version !== 'latest' && !match) {
      errors.push(labelError(`${mode}-version`, version, 'must be "latest" or "v1.x"'));
    }
    const wrong = mode === 'enforce' ? 'restricted' : OPEN.level;
    const fallback = level === undefined ? defaults[mode].level : wrong;
    const minor = version === undefined ? defaults[mode].minor : undefined;
    return { level: known ?? fallback, minor: match ? Number(match[1]) : minor };
  };
  const policy = { enforce: read('enforce'), audit: read('audit'), warn: read('warn') };
  return { policy, errors };
}

/** The policy that a configuration's defaults choose: `enforce`, `enforce-version` and so on. */
export function defaultPolicyOf(defaults: Readonly<Record<string, string>>): { policy: SecurityPolicy; errors: FieldError[] } {
  return policyOf(Object.fromEntries(Object.entries(defaults).map(([key, value]) => [PREFIX + key, value])));
}

const labelError = (name: string, value: string, why: string): FieldError => invalidValue(`metadata.labels[${PREFIX}${name}]`, value, why);
