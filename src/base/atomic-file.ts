// Files that are either the old ones or the new ones, also after a power cut.

import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from './errors.ts';

/** How a file is written. */
export interface AtomicFileOptions {
  /** Permission bits, exactly (no umask). */
  readonly mode: number;
  /** Group that owns it. Default: the process's. */
  readonly gid?: number;
}

/** Writes a file through a temporary one beside it (fsync, rename, fsync of the directory). Missing directories are made with mode 700. */
export function writeFileAtomic(path: string, content: string | Uint8Array, options: AtomicFileOptions): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    withFile(temporary, 'wx', (descriptor) => {
      fchmodSync(descriptor, options.mode);
      writeAll(descriptor, typeof content === 'string' ? Buffer.from(content) : content);
      fsyncSync(descriptor);
    });
    if (options.gid !== undefined) chownSync(temporary, -1, options.gid);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  withFile(dirname(path), 'r', fsyncSync);
}

/** The text of a file; undefined when it does not exist. @throws what reading throws otherwise. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function withFile(path: string, flags: string, work: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags, 0o600);
  try {
    work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
