// Where the files of this build are unpacked: below the data directory, keyed by build, so that an upgrade never loads an old one.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD_ID } from '../base/version.ts';

/** Makes the directory, removes those of other builds, and returns its path. */
export function buildDirectoryOf(dataDirectory: string): string {
  const builds = join(dataDirectory, 'build');
  if (existsSync(builds)) {
    for (const name of readdirSync(builds)) if (name !== BUILD_ID) rmSync(join(builds, name), { recursive: true, force: true });
  }
  const directory = join(builds, BUILD_ID);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
