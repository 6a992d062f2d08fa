// What the kubelet core asks of its neighbours: volumes (volumes/volume-manager.ts) and probes (probes/probe-manager.ts).

import type { Pod } from '../../api/types/core-v1.gen.ts';

/** Where a volume of a pod is on this node. */
export interface MountedVolume {
  /** Absolute path of the volume's root. */
  readonly hostPath: string;
  /** The volume itself can only be read (ConfigMap, Secret, projected …); a mount may narrow, never widen. */
  readonly readOnly: boolean;
}

/** One `volumeMounts[]` entry that mounts a part of its volume. */
export interface SubPathMount {
  readonly volumeName: string;
  readonly containerName: string;
  /** Index of the entry in the container's `volumeMounts`. */
  readonly index: number;
  /** The volume, as `mount` returned it. */
  readonly volume: MountedVolume;
  /** `subPath`, or `subPathExpr` with its `$(VAR)` expanded by the container's environment. */
  readonly subPath: string;
}

/** Prepares the volumes of pods. Its own Component for refresh of ConfigMap, Secret and projected content. */
export interface VolumeManager {
  /**
   * Makes all volumes of the pod ready (owner and mode by fsGroup included) and returns them by volume name. Idempotent: called
   * again for a pod whose volumes are mounted it returns the same at once, also after a restart of kts.
   * @throws KtsError when one cannot be made; its message is what the user reads after `MountVolume.SetUp failed for volume "x" : `
   *   (the field `volume` of the error names the volume). The caller retries.
   */
  mount(pod: Pod, signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>>;
  /** Removes everything of the pod's volumes, the pod's directory `/var/lib/kubelet/pods/<uid>` included. Idempotent. */
  unmount(podUid: string): Promise<void>;
  /**
   * Makes a part of a volume mountable: creates the directory if nothing is there, and pins what is there, so that a container that
   * changes its volume cannot lead the mount out of it. Call before each start of the container.
   * @returns the path for the runtime. @throws KtsError `volume-sub-path`
   */
  subPath(podUid: string, mount: SubPathMount): Promise<string>;
  /** UIDs of pods that have a directory on disk, for cleaning up after a restart. */
  podUids(): Promise<readonly string[]>;
}

/** A running container, as probing needs it. */
export interface ProbeTarget {
  readonly containerName: string;
  readonly containerId: string;
  readonly startedAtMs: number;
}

/** What the probes of one container say. */
export interface ProbeState {
  /** There is no startup probe, or it has succeeded. */
  readonly started: boolean;
  /** Started, and there is no readiness probe, or its last verdict is success. */
  readonly ready: boolean;
  /** The probe that has failed for good: the container must be killed and is restarted by the pod's policy. */
  readonly failed?: {
    readonly probe: 'liveness' | 'startup';
    /** Of the failed probe; absent = the pod's. */
    readonly terminationGracePeriodSeconds?: number;
  };
}

/** Runs probes of running containers and records `Unhealthy` / `ProbeWarning` events itself. */
export interface ProbeManager {
  /**
   * Tells which containers of the pod run now (regular containers and sidecars; not those being terminated for readiness' sake:
   * `terminating` stops liveness and startup probes, readiness goes on). Workers of other container ids end. Cheap when nothing changed.
   * `podIp` is the default host of http, tcp and grpc probes (the node's address for host-network pods).
   */
  sync(pod: Pod, podIp: string, targets: readonly ProbeTarget[], options?: { readonly terminating: boolean }): void;
  /** The verdict now. For a container without probes, or one it has not been told of: started and ready. */
  state(pod: Pod, target: ProbeTarget): ProbeState;
  /** Ends all probes of the pod. */
  remove(podUid: string): void;
  /** Calls `listener` whenever the state of a container of that pod has changed. Returns the function that unsubscribes. */
  onChange(listener: (podUid: string) => void): () => void;
}
