// Writes the files of a volume so that a container sees either all old or all new ones: they lie in a directory named by time,
// `..data` links to it, each top-level name links into `..data`, and one rename of `..data` switches.
// The names are part of what users rely on: documentation of ConfigMap and Secret volumes.

import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rfc3339 } from '../../../base/clock.ts';
import { checkPayloadPaths, type Payload, type PayloadFile } from './payload.ts';

const DATA = '..data';
const NEW_DATA = '..data_tmp';
/** Permission bits that a group gets from `fsGroup`: what upstream's volumes that cannot be written get. */
const GROUP_READ = 0o440;
const GROUP_ENTER = 0o2550;

/** What to write and for whom. */
export interface WriteRequest {
  /** The volume's root; it must exist. */
  readonly directory: string;
  readonly payload: Payload;
  /** Group that owns the files and may read them. */
  readonly fsGroup?: number | undefined;
  readonly nowMs: number;
}

/** Makes `payload` the content of the directory. Nothing is touched when it is that already. @throws VolumeError `volume-invalid` */
export async function writeAtomically(request: WriteRequest): Promise<void> {
  const { directory, payload } = request;
  checkPayloadPaths(payload);
  await rm(join(directory, NEW_DATA), { force: true });
  const old = await readlink(join(directory, DATA)).catch(() => undefined);
  if (old !== undefined && (await isContent(join(directory, old), request))) {
    await linkNames(directory, payload);
    return;
  }
  const fresh = await writeFiles(request);
  await symlink(fresh, join(directory, NEW_DATA));
  await rename(join(directory, NEW_DATA), join(directory, DATA));
  await linkNames(directory, payload);
  await removeOthers(directory, fresh);
}

const modeOf = (file: PayloadFile, fsGroup: number | undefined): number => (fsGroup === undefined ? file.mode : file.mode | GROUP_READ);

async function writeFiles(request: WriteRequest): Promise<string> {
  const { directory, payload, fsGroup, nowMs } = request;
  const stamp = rfc3339(nowMs).slice(0, 19).replace(/[-T:]/g, '_');
  const root = await mkdtemp(join(directory, `..${stamp}.`));
  const enter = async (path: string): Promise<void> => {
    await chmod(path, 0o755);
    if (fsGroup === undefined) return;
    await chown(path, 0, fsGroup);
    await chmod(path, 0o755 | GROUP_ENTER);
  };
  await enter(root);
  for (const [path, file] of payload) {
    const parents = parentsOf(path);
    for (const parent of parents) {
      const made = await mkdir(join(root, parent)).then(
        () => true,
        () => false, // It is there for another file.
      );
      if (made) await enter(join(root, parent));
    }
    const target = join(root, path);
    await writeFile(target, file.bytes, { mode: 0o600 });
    if (file.uid !== undefined || fsGroup !== undefined) await chown(target, file.uid ?? 0, fsGroup ?? 0);
    await chmod(target, modeOf(file, fsGroup));
  }
  return root.slice(directory.length + 1);
}

/** `a/b/c` → `a`, `a/b`. */
function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) parents.unshift(parent);
  return parents;
}

/** Whether the directory holds exactly these files with these modes and owners. */
async function isContent(root: string, request: WriteRequest): Promise<boolean> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    if (files.length !== request.payload.size) return false;
    for (const [path, file] of request.payload) {
      const status = await lstat(join(root, path));
      const same = status.isFile() && (status.mode & 0o7777) === modeOf(file, request.fsGroup) && status.uid === (file.uid ?? 0);
      if (!same || status.gid !== (request.fsGroup ?? 0)) return false;
      if (!(await readFile(join(root, path))).equals(file.bytes)) return false;
    }
    return true;
  } catch {
    // Damaged by a crash or by hand: it is written anew.
    return false;
  }
}

async function linkNames(directory: string, payload: Payload): Promise<void> {
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));
  for (const name of names) {
    const target = join(DATA, name);
    const link = join(directory, name);
    const current = await readlink(link).catch(() => undefined);
    if (current === target) continue;
    await rm(link, { recursive: true, force: true });
    await symlink(target, link);
  }
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') && !names.has(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function removeOthers(directory: string, keep: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith('..') && name !== DATA && name !== keep) await rm(join(directory, name), { recursive: true, force: true });
  }
}
