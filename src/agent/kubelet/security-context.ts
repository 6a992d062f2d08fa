// The CRI security context of a container, and the runAsNonRoot check. Pure. Container settings win over the pod's.

import { join } from 'node:path';
import type { AppArmorProfile, Container, Pod, SeccompProfile } from '../../api/types/core-v1.gen.ts';
import type { Input } from '../../cri/codec.ts';
import type { Image, LinuxContainerSecurityContext, NamespaceOption, SecurityProfile } from '../../cri/messages.gen.ts';
import { kubeletError } from './errors.ts';
import { podText } from './pod-containers.ts';

/** Paths of /proc and /sys that containers do not see or cannot write, unless procMount is Unmasked (documented defaults). */
const MASKED = [
  ...['asound', 'acpi', 'interrupts', 'kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug', 'scsi'].map(
    (p) => `/proc/${p}`,
  ),
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const READONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((p) => `/proc/${p}`);

/** A seccomp profile for the CRI; Localhost names a file below `dir`. */
export function seccompProfile(profile: SeccompProfile, dir: string): Input<SecurityProfile> {
  if (profile.type === 'Localhost') return { profileType: 'Localhost', localhostRef: join(dir, profile.localhostProfile ?? '') };
  return { profileType: profile.type === 'RuntimeDefault' ? 'RuntimeDefault' : 'Unconfined' };
}

function appArmorProfile({ type, localhostProfile = '' }: AppArmorProfile): Input<SecurityProfile> {
  if (type === 'Localhost') return { profileType: 'Localhost', localhostRef: localhostProfile };
  return { profileType: type === 'RuntimeDefault' ? 'RuntimeDefault' : 'Unconfined' };
}

/** What the security context depends on besides pod and container. */
export interface SecurityFacts {
  readonly image: Image;
  readonly namespaces: Input<NamespaceOption>;
  readonly seccompDir: string;
}

/** The security context. @throws KtsError `kubelet-config` when runAsNonRoot is not kept. */
export function securityContext(pod: Pod, container: Container, facts: SecurityFacts): Input<LinuxContainerSecurityContext> {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const user = own.runAsUser ?? shared.runAsUser;
  const group = own.runAsGroup ?? shared.runAsGroup;
  checkNonRoot(pod, container, facts.image);
  const { username, uid } = facts.image;
  const appArmor = own.appArmorProfile ?? shared.appArmorProfile;
  const unmasked = own.procMount === 'Unmasked';
  return {
    privileged: own.privileged ?? false,
    namespaceOptions: facts.namespaces,
    ...(user !== undefined
      ? { runAsUser: { value: user } }
      : username !== ''
        ? { runAsUsername: username }
        : { runAsUser: { value: uid?.value ?? 0 } }),
    ...(group !== undefined && { runAsGroup: { value: group } }),
    supplementalGroups: [...(shared.fsGroup === undefined ? [] : [shared.fsGroup]), ...(shared.supplementalGroups ?? [])],
    ...(shared.supplementalGroupsPolicy === 'Strict' && { supplementalGroupsPolicy: 'Strict' as const }),
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    capabilities: { addCapabilities: own.capabilities?.add ?? [], dropCapabilities: own.capabilities?.drop ?? [] },
    seccomp: seccompProfile(own.seccompProfile ?? shared.seccompProfile ?? { type: 'Unconfined' }, facts.seccompDir),
    ...(appArmor && { apparmor: appArmorProfile(appArmor) }),
    maskedPaths: unmasked ? [] : MASKED,
    readonlyPaths: unmasked ? [] : READONLY,
  };
}

/** @throws KtsError `kubelet-config` with upstream's text */
function checkNonRoot(pod: Pod, container: Container, image: Image): void {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if (!(own.runAsNonRoot ?? shared.runAsNonRoot)) return;
  const where = `(pod: "${podText(pod)}", container: ${container.name})`;
  const user = own.runAsUser ?? shared.runAsUser;
  if (user === 0) throw kubeletError('kubelet-config', `container's runAsUser breaks non-root policy ${where}`);
  if (user !== undefined) return;
  if (image.username !== '' && image.uid === undefined)
    throw kubeletError(
      'kubelet-config',
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    );
  if ((image.uid?.value ?? 0) === 0) throw kubeletError('kubelet-config', `container has runAsNonRoot and image will run as root ${where}`);
}
