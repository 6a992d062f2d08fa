// The kinds of volumes that kts has, and the refusal of the others. To add one: its file, and a line here.

import type { Volume } from '../../../api/types/core-v1.gen.ts';
import { configMapPlugin, downwardApiPlugin, secretPlugin } from './content-volumes.ts';
import { emptyDirPlugin } from './empty-dir.ts';
import { VolumeError } from './errors.ts';
import { hostPathPlugin } from './host-path.ts';
import { nfsPlugin } from './nfs.ts';
import { type ClaimDeps, persistentVolumeClaimPlugin } from './persistent-volume-claim.ts';
import { type ProjectedDeps, projectedPlugin } from './projected.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** All plugins; each volume is handled by exactly one. */
export function volumePlugins(deps: ProjectedDeps & ClaimDeps): readonly VolumePlugin[] {
  return [
    emptyDirPlugin(deps),
    hostPathPlugin(),
    configMapPlugin(deps),
    secretPlugin(deps),
    downwardApiPlugin(deps),
    projectedPlugin(deps),
    persistentVolumeClaimPlugin(deps),
    nfsPlugin(deps),
  ];
}

/** The plugin for a volume; a volume without a source is an emptyDir. @throws VolumeError `volume-unsupported` */
export function pluginFor(plugins: readonly VolumePlugin[], volume: Volume): VolumePlugin {
  const found = plugins.find((plugin) => plugin.handles(volume));
  if (found) return found;
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'empty';
  throw new VolumeError('volume-unsupported', `volume type ${kind} is not supported`);
}
