// Failures of volumes. The messages are what a user reads after `MountVolume.SetUp failed for volume "x" : `.

import { KtsError } from '../../../base/errors.ts';

/**
 * - `volume-not-found`: an object the volume is made of is missing, or a key of it.
 * - `volume-unsupported`: a kind of volume that kts does not have, or a variant of it.
 * - `volume-invalid`: the volume contradicts what is there (a hostPath of the wrong type …).
 * - `volume-failed`: the machine or the API failed; trying again may help.
 * - `volume-sub-path`: a sub-path that leads out of its volume or cannot be made.
 * - `volume-busy`: something is still mounted below the pod's directory.
 */
export type VolumeErrorCode =
  | 'volume-not-found'
  | 'volume-unsupported'
  | 'volume-invalid'
  | 'volume-failed'
  | 'volume-sub-path'
  | 'volume-busy';

/** A failure of a volume; the volume manager adds the field `volume`. */
export class VolumeError extends KtsError<VolumeErrorCode> {}
