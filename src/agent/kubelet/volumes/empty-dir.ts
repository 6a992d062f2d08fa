// emptyDir: a directory of the pod's own, on disk or in memory (tmpfs). Also the ground that other volumes stand on.

import { chmod, mkdir } from 'node:fs/promises';
import { parseQuantity } from '../../../api/quantity.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { Allocatable } from './downward-api.ts';
import { VolumeError } from './errors.ts';
import type { Mounter } from './mounter.ts';
import { applyFsGroup } from './ownership.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** What volumes on tmpfs need. */
export interface TmpfsDeps {
  readonly mounter: Pick<Mounter, 'mount' | 'isMountPoint'>;
  readonly allocatable: () => Allocatable;
}

/** Open to all users of the pod, as every volume's root; users outside cannot enter the pod's directory. */
const ROOT_MODE = 0o777;

/** Makes the directory with mode 0777, whatever the process's umask. */
export async function makeVolumeRoot(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: 0o750 });
  if (made !== undefined) await chmod(directory, ROOT_MODE);
}

/** Makes `directory` a tmpfs of at most `bytes` (0 = the kernel's default, half of the memory), unless it is one already. */
export async function mountTmpfs(directory: string, bytes: number, deps: Pick<TmpfsDeps, 'mounter'>, signal: AbortSignal): Promise<void> {
  await makeVolumeRoot(directory);
  if (await deps.mounter.isMountPoint(directory)) return;
  const options = [`mode=${ROOT_MODE.toString(8)}`, ...(bytes > 0 ? [`size=${bytes}`] : [])];
  await deps.mounter.mount({ source: 'tmpfs', target: directory, type: 'tmpfs', options, signal });
}

/** Most bytes a memory volume of the pod may take: its limit, the pod's memory limit, the node's memory, whichever is least. */
export function memoryVolumeBytes(pod: Pod, sizeLimit: string | undefined, allocatable: Allocatable): number {
  const sizes = [bytesOf(allocatable['memory']), podMemoryLimit(pod), bytesOf(sizeLimit)].filter((bytes) => bytes > 0);
  return sizes.length === 0 ? 0 : Math.min(...sizes);
}

const bytesOf = (quantity: string | undefined): number => (quantity === undefined ? 0 : parseQuantity(quantity).value());

/** The sum of the containers' memory limits; 0 when one has none. */
function podMemoryLimit(pod: Pod): number {
  const own = pod.spec?.resources?.limits?.['memory'];
  if (own !== undefined) return bytesOf(own);
  const limits = (pod.spec?.containers ?? []).map((container) => bytesOf(container.resources?.limits?.['memory']));
  return limits.includes(0) ? 0 : limits.reduce((sum, limit) => sum + limit, 0);
}

/** The plugin. */
export function emptyDirPlugin(deps: TmpfsDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~empty-dir',
    handles: (volume) => volume.emptyDir !== undefined,
    async setUp({ pod, volume, directory, signal }) {
      const { medium = '', sizeLimit } = volume.emptyDir ?? {};
      if (medium === 'Memory') await mountTmpfs(directory, memoryVolumeBytes(pod, sizeLimit, deps.allocatable()), deps, signal);
      else if (medium === '') await makeVolumeRoot(directory);
      else throw new VolumeError('volume-unsupported', `storage medium ${JSON.stringify(medium)} is not supported`);
      await applyFsGroup(directory, pod);
      return { mounted: { hostPath: directory, readOnly: false } };
    },
  };
}
