// The contract between the volume manager and the kinds of volumes. One file a kind; the list is volume-plugins.ts.

import type { Pod, Volume } from '../../../api/types/core-v1.gen.ts';
import type { MountedVolume } from '../ports.ts';

/** A ConfigMap or Secret whose content a volume shows. */
export interface SourceObject {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  /** The resourceVersion that was shown; '' when the object was not there. */
  readonly version: string;
}

/** A volume to be made. */
export interface VolumeRequest {
  readonly pod: Pod;
  readonly volume: Volume;
  /** Absolute path for it: `<root>/pods/<uid>/volumes/<plugin.directory>/<volume name>`. Its parent may not exist yet. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** A volume that is there. */
export interface PreparedVolume {
  readonly mounted: MountedVolume;
  /** When one of these changes, the volume is set up again. */
  readonly sources?: readonly SourceObject[];
  /** Milliseconds since 1970 when it must be set up again (a token's refresh). */
  readonly refreshAtMs?: number;
  /** The content depends on labels and annotations of the pod. */
  readonly followsPod?: boolean;
}

/** One kind of volume. Undoing is the same for all kinds: unmount what is below the pod's directory, then remove it. */
export interface VolumePlugin {
  /** Directory name below `volumes/`, e.g. `kubernetes.io~configmap`. */
  readonly directory: string;
  handles(volume: Volume): boolean;
  /** Idempotent; a second call brings the content up to date. @throws VolumeError, StatusError */
  setUp(request: VolumeRequest): Promise<PreparedVolume>;
}
