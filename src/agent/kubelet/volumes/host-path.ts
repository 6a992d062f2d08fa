// hostPath: a path of the node, checked against its declared type. Nothing is mounted and nothing is removed.

import { mkdir, open, stat } from 'node:fs/promises';
import { hasCode } from '../../../base/errors.ts';
import { VolumeError } from './errors.ts';
import type { VolumePlugin } from './volume-plugin.ts';

interface PathKind {
  isDirectory(): boolean;
  isFile(): boolean;
  isSocket(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
}

/** What each type demands of what is there. */
const CHECKS: Readonly<Record<string, { readonly holds: (kind: PathKind) => boolean; readonly what: string }>> = {
  Directory: { holds: (kind) => kind.isDirectory(), what: 'a directory' },
  DirectoryOrCreate: { holds: (kind) => kind.isDirectory(), what: 'a directory' },
  File: { holds: (kind) => kind.isFile(), what: 'a file' },
  FileOrCreate: { holds: (kind) => kind.isFile(), what: 'a file' },
  Socket: { holds: (kind) => kind.isSocket(), what: 'a socket file' },
  CharDevice: { holds: (kind) => kind.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { holds: (kind) => kind.isBlockDevice(), what: 'a block device' },
};

const CREATED_DIRECTORY_MODE = 0o755;
const CREATED_FILE_MODE = 0o644;

/** Makes sure that `path` is of that hostPath type. @throws VolumeError `volume-invalid` */
export async function checkHostPath(path: string, type: string): Promise<void> {
  if (type === '') return;
  const check = CHECKS[type];
  if (!check) throw new VolumeError('volume-invalid', `${type} is an invalid volume type`);
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: CREATED_DIRECTORY_MODE }).catch(ignoreExisting);
  if (type === 'FileOrCreate') await createFile(path);
  const kind = await stat(path).catch((error: unknown) => {
    throw new VolumeError('volume-invalid', `hostPath type check failed: ${path} is not ${check.what}`, { cause: error });
  });
  if (!check.holds(kind)) throw new VolumeError('volume-invalid', `hostPath type check failed: ${path} is not ${check.what}`);
}

function ignoreExisting(error: unknown): void {
  // Something else is there: the check says so.
  if (!hasCode(error, 'EEXIST')) throw error;
}

async function createFile(path: string): Promise<void> {
  const file = await open(path, 'wx', CREATED_FILE_MODE).catch(ignoreExisting);
  await file?.close();
}

/** The plugin. */
export function hostPathPlugin(): VolumePlugin {
  return {
    directory: 'kubernetes.io~host-path',
    handles: (volume) => volume.hostPath !== undefined,
    async setUp({ volume }) {
      const { path = '', type = '' } = volume.hostPath ?? {};
      await checkHostPath(path, type);
      return { mounted: { hostPath: path, readOnly: false } };
    },
  };
}
