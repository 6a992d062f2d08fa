// What the kubelet's HTTP server, log reader and metrics may ask about the pods of this node, and nothing more.
// Implemented by Kubelet (kubelet.ts).

import type { Pod } from '../../api/types/core-v1.gen.ts';

/** Streams of a container as a client asked for them. */
export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** One instance of a container (one run of it) as the runtime knows it. */
export interface ContainerInstance {
  /** The runtime's id, without `containerd://`. */
  readonly id: string;
  readonly name: string;
  /** 0 for the first run; counts up with each restart. */
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Absolute path of its log file in CRI format. */
  readonly logPath: string;
}

/** Pods of this node and their containers. Answers are from memory: no call waits for the runtime unless it returns a promise. */
export interface PodDirectory {
  /** Pods bound to this node that are not gone yet, static pods included, each with its newest status as the kubelet sees it (frozen). */
  pods(): readonly Pod[];
  /** The pod, when it is on this node; `uid` (if given and not `''`) must match. */
  pod(namespace: string, name: string, uid?: string): Pod | undefined;
  /** Instances of all containers (regular, init, ephemeral) of a pod that the runtime still has, newest first per container. */
  containers(podUid: string): readonly ContainerInstance[];
  /** The instance that streams and logs are about: the newest, or with `previous` the one before. */
  container(podUid: string, name: string, previous?: { readonly previous: boolean }): ContainerInstance | undefined;
  /** The sandbox of a pod: `undefined` before it is made and after it is gone. */
  sandboxId(podUid: string): string | undefined;
  /** URL at the runtime's streaming server, good for one connection. @throws KtsError of cri/errors.ts (`cri-not-found` …). */
  execUrl(containerId: string, command: readonly string[], streams: StreamOptions): Promise<string>;
  attachUrl(containerId: string, streams: StreamOptions): Promise<string>;
  portForwardUrl(sandboxId: string, ports: readonly number[]): Promise<string>;
  /** Runs a command to its end (the kubelet's /run). `timeoutMs` 0 = no limit. */
  execSync(
    containerId: string,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array }>;
  /** Makes the runtime open the container's log file anew after it was renamed. */
  reopenLog(containerId: string): Promise<void>;
  /** Whether the last sync with the runtime is recent; what `/healthz` reports. */
  readonly healthy: boolean;
}
