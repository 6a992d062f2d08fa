// subPath: a part of a volume as the source of a mount. The containers that write to the volume may swap directories for symbolic
// links at any time, so the path is walked one name at a time without following links, and what was found is pinned by a bind mount.

import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, messageOf } from '../../../base/errors.ts';
import type { SubPathMount } from '../ports.ts';
import { VolumeError } from './errors.ts';
import type { Mounter } from './mounter.ts';

/** Linux: open for its place in the tree only (open(2)); Node does not name it. */
const O_PATH = 0o10000000;
const WALK = O_PATH | constants.O_NOFOLLOW;

/** What sub-paths need. */
export interface SubPathDeps {
  readonly mounter: Pick<Mounter, 'mount' | 'unmount' | 'isMountPoint'>;
}

/** @returns the place of the bind mount below the pod's directory. @throws VolumeError `volume-sub-path` */
export async function bindSubPath(podDirectory: string, mount: SubPathMount, deps: SubPathDeps): Promise<string> {
  const { volumeName, containerName, index, volume, subPath } = mount;
  const names = subPath.split('/').filter((name) => name !== '' && name !== '.');
  if (subPath.startsWith('/')) throw new VolumeError('volume-sub-path', `error SubPath \`${subPath}\` must not be an absolute path`);
  if (names.includes('..')) throw new VolumeError('volume-sub-path', `unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  const target = join(podDirectory, 'volume-subpaths', volumeName, containerName, String(index));
  try {
    const source = await openBelow(await realpath(volume.hostPath), names, { create: !volume.readOnly });
    try {
      await bind(source, target, deps);
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof VolumeError) throw error;
    throw new VolumeError(
      'volume-sub-path',
      `failed to prepare subPath for volumeMount "${volumeName}" of container "${containerName}": ${messageOf(error)}`,
      { cause: error },
    );
  }
  return target;
}

/** A path that means the very file that is open, whatever its name leads to by now. */
const pathOf = (file: FileHandle): string => `/proc/${process.pid}/fd/${file.fd}`;

/**
 * Opens `names` below `root` without following links. Links that stay in the volume are allowed as users expect: the path is
 * resolved first, and then what it resolved to is walked.
 */
async function openBelow(root: string, names: readonly string[], options: { readonly create: boolean }): Promise<FileHandle> {
  const resolved = await resolveExisting(root, names);
  if (resolved.base !== root && !resolved.base.startsWith(`${root}/`))
    throw new VolumeError('volume-sub-path', `subPath "${names.join('/')}" leads out of the volume`);
  const inside = resolved.base
    .slice(root.length)
    .split('/')
    .filter((name) => name !== '');
  let here = await open(root, WALK);
  try {
    for (const name of inside) here = await step(here, name);
    // Who may use the volume may use its new directories.
    const mode = (await here.stat()).mode & 0o7777;
    for (const name of resolved.missing) {
      const made = options.create && (await makeDirectory(join(pathOf(here), name)));
      here = await step(here, name);
      if (made) await chmod(pathOf(here), mode);
    }
    return here;
  } catch (error) {
    await here.close();
    throw error;
  }
}

/** The longest part that exists, resolved, and the names after it. */
async function resolveExisting(root: string, names: readonly string[]): Promise<{ base: string; missing: readonly string[] }> {
  for (let count = names.length; count > 0; count--) {
    const base = await realpath(join(root, ...names.slice(0, count))).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error;
      return undefined;
    });
    if (base !== undefined) return { base, missing: names.slice(count) };
  }
  return { base: root, missing: names };
}

async function step(from: FileHandle, name: string): Promise<FileHandle> {
  const next = await open(join(pathOf(from), name), WALK);
  if ((await next.stat()).isSymbolicLink()) {
    await next.close();
    throw new VolumeError('volume-sub-path', `subPath has a symbolic link "${name}"`);
  }
  await from.close();
  return next;
}

/** @returns whether it was not there. */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o750 });
    return true;
  } catch (error) {
    // Made by another container meanwhile; the step after decides whether it will do.
    if (!hasCode(error, 'EEXIST')) throw error;
    return false;
  }
}

async function bind(source: FileHandle, target: string, deps: SubPathDeps): Promise<void> {
  // An earlier run of the container may have pinned what was replaced since.
  if (await deps.mounter.isMountPoint(target)) await deps.mounter.unmount(target);
  if ((await source.stat()).isDirectory()) await mkdir(target, { recursive: true, mode: 0o750 });
  else {
    await mkdir(dirname(target), { recursive: true, mode: 0o750 });
    await writeFile(target, '', { flag: 'a', mode: 0o640 });
  }
  await deps.mounter.mount({ source: pathOf(source), target, options: ['bind'] });
}
