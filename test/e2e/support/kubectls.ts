// The kubectl programs of this machine: that of PATH, and those beside it that carry their version in the name (kubectl.1.27).

import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run } from './shell.ts';

/** One kubectl. */
export interface KubectlProgram {
  readonly path: string;
  /** Minor version: 36 for v1.36. */
  readonly minor: number;
}

/** The oldest client that is promised to work. */
const OLDEST_MINOR = 27;

function candidates(): string[] {
  const found: string[] = [];
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, 'kubectl');
    try {
      accessSync(path, constants.X_OK);
    } catch {
      continue; // Not in this directory.
    }
    const home = dirname(realpathSync(path));
    const versions = readdirSync(home).filter((name) => /^kubectl\.1\.\d+$/.test(name));
    found.push(...(versions.length > 0 ? versions.map((name) => join(home, name)) : [path]));
  }
  return found;
}

/** One program for each minor version from 1.27 up, the newest first. */
export async function kubectlPrograms(): Promise<KubectlProgram[]> {
  const programs = new Map<number, KubectlProgram>();
  for (const path of candidates()) {
    const { stdout } = await run(path, ['version', '--client', '-o', 'json']);
    const { clientVersion } = JSON.parse(stdout) as { clientVersion: { minor: string } };
    const minor = Number.parseInt(clientVersion.minor, 10);
    if (minor >= OLDEST_MINOR && !programs.has(minor)) programs.set(minor, { path, minor });
  }
  return [...programs.values()].sort((a, b) => b.minor - a.minor);
}
