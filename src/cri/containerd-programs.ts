// Finds containerd and the runtimes on this machine.

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Exec } from '../base/exec.ts';
import type { RuntimeProgram } from './containerd-config.ts';
import { criError } from './errors.ts';

/** What was found. */
export interface ContainerdPrograms {
  /** Absolute path. */
  readonly containerd: string;
  /** Major version of containerd. */
  readonly major: number;
  readonly runtimes: readonly RuntimeProgram[];
}

/** The first executable of that name. */
export function findProgram(name: string, searchPath: readonly string[]): string | undefined {
  return searchPath
    .map((dir) => join(dir, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false; // not there, or not for us
      }
    });
}

/** Looks for containerd, crun and runc in the directories. @throws KtsError `containerd-missing` saying what to install. */
export async function findPrograms(searchPath: readonly string[], exec: Exec): Promise<ContainerdPrograms> {
  const containerd = findProgram('containerd', searchPath);
  const runtimes = ['crun', 'runc'].flatMap((name): RuntimeProgram[] => {
    const path = findProgram(name, searchPath);
    return path === undefined ? [] : [{ name, path }];
  });
  if (containerd === undefined || !findProgram('containerd-shim-runc-v2', searchPath))
    throw criError('containerd-missing', `containerd is not installed (looked in ${searchPath.join(', ')}): apt-get install containerd`);
  if (runtimes.length === 0)
    throw criError('containerd-missing', `neither crun nor runc is installed (looked in ${searchPath.join(', ')}): apt-get install runc`);
  const { stdout } = await exec.run(containerd, ['--version']);
  const major = Number(/\bv?(\d+)\.\d+/.exec(stdout)?.[1] ?? '1'); // Debian prints `containerd github.com/containerd/containerd 1.6.20~ds1 …`
  return { containerd, major, runtimes };
}
