// Whether kts can keep its files where it was told to: looked at first, so that nothing is left half made.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KtsError } from '../base/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of the path is no directory',
};

/** Makes the directory if need be and writes a file into it. @throws KtsError `unwritable` naming the directory, the reason and the flag */
export function demandWritable(directory: string, flag: string): void {
  const probe = join(directory, `.kts-write-${process.pid}`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o711 });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new KtsError(
      'unwritable',
      `${directory} cannot be written: ${REASONS[code] ?? code}; mend that or choose another with --${flag}`,
      { cause: error },
    );
  }
}
