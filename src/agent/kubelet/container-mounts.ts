// The mounts of a container: its volumes (subPath included), /etc/hosts and the termination message file.

import type { Container } from '../../api/types/core-v1.gen.ts';
import type { Input } from '../../cri/codec.ts';
import type { Mount, MountPropagation } from '../../cri/messages.gen.ts';
import { kubeletError } from './errors.ts';
import { expand } from './expansion.ts';
import type { MountedVolume, VolumeManager } from './ports.ts';

/** What mounts depend on. */
export interface MountFacts {
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly env: ReadonlyMap<string, string>;
  /** The pod's own hosts file. */
  readonly hostsFile: string;
  /** The file of the termination message. */
  readonly terminationFile: string;
  readonly podUid: string;
  readonly manager: Pick<VolumeManager, 'subPath'>;
}

const PROPAGATION: Readonly<Record<string, MountPropagation>> = {
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

/** The mounts in the order of the spec. @throws KtsError `kubelet-config` for an unknown volume or a subPath that leaves its volume. */
export async function containerMounts(container: Container, facts: MountFacts): Promise<Input<Mount>[]> {
  const mounts: Input<Mount>[] = [];
  for (const index of container.volumeMounts?.keys() ?? []) mounts.push(await volumeMount(container, index, facts));
  const taken = new Set(mounts.map((m) => m.containerPath));
  if (!taken.has('/etc/hosts')) mounts.push({ containerPath: '/etc/hosts', hostPath: facts.hostsFile });
  const messagePath = container.terminationMessagePath;
  if (messagePath && !taken.has(messagePath)) mounts.push({ containerPath: messagePath, hostPath: facts.terminationFile });
  return mounts;
}

async function volumeMount(container: Container, index: number, facts: MountFacts): Promise<Input<Mount>> {
  const mount = container.volumeMounts?.[index] ?? { name: '', mountPath: '' };
  const volume = facts.volumes.get(mount.name);
  if (!volume) throw kubeletError('kubelet-config', `cannot find volume "${mount.name}" to mount into container "${container.name}"`);
  const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, facts.env) : (mount.subPath ?? '');
  const part = { volumeName: mount.name, containerName: container.name, index, volume, subPath };
  const readonly = mount.readOnly === true || volume.readOnly;
  return {
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    hostPath: subPath === '' ? volume.hostPath : await facts.manager.subPath(facts.podUid, part),
    readonly,
    recursiveReadOnly: readonly && mount.recursiveReadOnly === 'Enabled',
    propagation: PROPAGATION[mount.mountPropagation ?? ''] ?? 'PROPAGATION_PRIVATE',
  };
}

/** In subPathExpr a variable must exist. */
function expandStrictly(text: string, env: ReadonlyMap<string, string>): string {
  return expand(text, (name) => {
    const value = env.get(name);
    if (value === undefined) throw kubeletError('kubelet-config', `missing value for "${name}"`);
    return value;
  });
}
