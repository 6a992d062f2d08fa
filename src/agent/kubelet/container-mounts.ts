// The mounts of a container: its volumes (subPath included), /etc/hosts and the termination message file.

import { mkdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Container, VolumeMount } from '../../api/types/core-v1.gen.ts';
import type { Input } from '../../cri/codec.ts';
import type { Mount, MountPropagation } from '../../cri/messages.gen.ts';
import { kubeletError } from './errors.ts';
import { expand } from './expansion.ts';
import type { MountedVolume } from './ports.ts';

/** What mounts depend on. */
export interface MountFacts {
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly env: ReadonlyMap<string, string>;
  /** The pod's own hosts file. */
  readonly hostsFile: string;
  /** The file of the termination message. */
  readonly terminationFile: string;
}

const PROPAGATION: Readonly<Record<string, MountPropagation>> = {
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

/** The mounts in the order of the spec. @throws KtsError `kubelet-config` for an unknown volume or a subPath that leaves its volume. */
export async function containerMounts(container: Container, facts: MountFacts): Promise<Input<Mount>[]> {
  const mounts: Input<Mount>[] = [];
  for (const mount of container.volumeMounts ?? []) mounts.push(await volumeMount(mount, facts));
  const taken = new Set(mounts.map((m) => m.containerPath));
  if (!taken.has('/etc/hosts')) mounts.push({ containerPath: '/etc/hosts', hostPath: facts.hostsFile });
  const messagePath = container.terminationMessagePath;
  if (messagePath && !taken.has(messagePath)) mounts.push({ containerPath: messagePath, hostPath: facts.terminationFile });
  return mounts;
}

async function volumeMount(mount: VolumeMount, { volumes, env }: MountFacts): Promise<Input<Mount>> {
  const volume = volumes.get(mount.name);
  if (!volume) throw kubeletError('kubelet-config', `cannot find volume "${mount.name}" to mount into container`);
  const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, env) : (mount.subPath ?? '');
  const readonly = mount.readOnly === true || volume.readOnly;
  return {
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    hostPath: subPath === '' ? volume.hostPath : await resolveSubPath(volume.hostPath, subPath, readonly && volume.readOnly),
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

/** The real path of a subPath, which is made when it is missing and must stay in the volume whatever links it goes through. */
async function resolveSubPath(root: string, subPath: string, volumeReadOnly: boolean): Promise<string> {
  const bad = (): Error => kubeletError('kubelet-config', `failed to prepare subPath for volumeMount: "${subPath}" is outside of the volume`);
  if (subPath.split('/').includes('..') || subPath.startsWith('/')) throw bad();
  const path = join(root, subPath);
  const realRoot = await realpath(root);
  const existing = await nearest(path);
  if (isOutside(realRoot, existing)) throw bad();
  if (!volumeReadOnly) await mkdirQuietly(path);
  const real = await realpath(path).catch((cause: unknown) => {
    throw kubeletError('kubelet-config', `failed to prepare subPath for volumeMount: "${subPath}" does not exist`, { cause });
  });
  if (isOutside(realRoot, real)) throw bad();
  return real;
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`);
}

/** The real path of the deepest part that exists. */
async function nearest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return nearest(join(path, '..')); // not there yet; the root always is
  }
}

async function mkdirQuietly(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o777 });
  } catch {
    // It is there as a file, which may be mounted too; anything else shows in the realpath that follows.
  }
}
