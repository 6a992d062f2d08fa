// The CNI results that containerd's libcni keeps under /var/lib/cni, a file for each sandbox and network. It writes them without fsync:
// after a power cut they may be empty, and then no sandbox of before can be removed. All kinds of containers share the directory, so
// only files of this containerd's own sandboxes are touched.

import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where libcni keeps its results; containerd 1.x has no option for it. */
const CNI_CACHE = '/var/lib/cni';

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // Not made yet.
  }
}

/** Files of the cache that belong to sandboxes of the containerd with this root directory. */
function ownFiles(containerdRoot: string, cache: string): string[] {
  const sandboxes = new Set(names(join(containerdRoot, 'io.containerd.grpc.v1.cri/sandboxes')));
  const results = join(cache, 'results');
  // `<network>-<sandbox id>-<interface>`; ids are 64 hexadecimal digits.
  return names(results)
    .filter((name) => sandboxes.has(/-([0-9a-f]{64})-/.exec(name)?.[1] ?? ''))
    .map((name) => join(results, name));
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false; // Cut off, or gone meanwhile.
  }
}

/** Removes results that a power cut left half written, and returns their paths. Without them libcni detaches by the configuration alone. */
export function dropBrokenResults(containerdRoot: string, cache = CNI_CACHE): string[] {
  const broken = ownFiles(containerdRoot, cache).filter((file) => !isWhole(file));
  for (const file of broken) rmSync(file, { force: true });
  return broken;
}

/** Removes all results of this containerd, and the directory when nobody else has any: for uninstalling. */
export function removeResults(containerdRoot: string, cache = CNI_CACHE): void {
  for (const file of ownFiles(containerdRoot, cache)) rmSync(file, { force: true });
  for (const directory of [join(cache, 'results'), cache]) {
    try {
      rmdirSync(directory);
    } catch {
      return; // Others use it, or it was never there.
    }
  }
}
