// The checks of the Pod Security Standards in the order in which they are told, and what of them a pod fails at a level. Pure.

import { capabilitiesBaseline, capabilitiesRestricted } from './capability-checks.ts';
import type { CheckPod, PodLike, SecurityCheck, Violation } from './check.ts';
import { hostNamespaces, hostPorts, hostProbes, windowsHostProcess } from './host-checks.ts';
import { procMount, procMountRestricted, sysctls } from './kernel-checks.ts';
import type { LevelVersion } from './pod-security-policy.ts';
import { allowPrivilegeEscalation, privileged, runAsNonRoot, runAsUser } from './privilege-checks.ts';
import { appArmorProfile, seccompBaseline, seccompRestricted, seLinuxOptions } from './profile-checks.ts';
import { hostPathVolumes, restrictedVolumes } from './volume-checks.ts';

/** Upstream's order: the baseline first, each level by the names of its checks. */
const CHECKS: readonly SecurityCheck[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];

/** What a pod does that the level does not allow; empty when it may run. */
export function violationsOf(pod: PodLike, { level, minor = Number.POSITIVE_INFINITY }: LevelVersion): Violation[] {
  if (level === 'privileged') return [];
  const made = CHECKS.filter((check) => level === 'restricted' || check.level === 'baseline')
    .map((check) => ({ check, run: asOf(check, minor) }))
    .filter((each): each is { check: SecurityCheck; run: CheckPod } => each.run !== undefined);
  const overridden = new Set(made.flatMap(({ check }) => check.overrides ?? []));
  return made
    .filter(({ check }) => !overridden.has(check.id))
    .map(({ run }) => run(pod))
    .filter((violation) => violation !== undefined);
}

/** The check as a version of the standards makes it; undefined when it did not yet. */
function asOf({ versions }: SecurityCheck, minor: number): CheckPod | undefined {
  return versions.findLast(([since]) => since <= minor)?.[1];
}

/** `host namespaces (hostPID=true), privileged (container "a" must not …)`. */
export function violationsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

/** `host namespaces, privileged`: for several pods at once. */
export function reasonsText(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
