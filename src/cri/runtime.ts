// The container runtime as a port, in roles. The messages are those of CRI runtime.v1 (messages.gen.ts).
//
// What a caller may assume: failures are KtsErrors of errors.ts with the runtime's text; stop and remove are idempotent (a thing that
// is gone is success); an abort rejects with the signal's reason and the runtime may or may not have done the work.

import type { Input } from './codec.ts';
import type { CallOptions } from './grpc-channel.ts';
import type * as cri from './messages.gen.ts';

export type { CallOptions } from './grpc-channel.ts';

/** Sandboxes of pods. */
export interface SandboxRuntime {
  /** Makes and starts a sandbox, network included; returns its id. `handler` `''` = the default runtime. */
  runPodSandbox(config: Input<cri.PodSandboxConfig>, handler: string, options?: CallOptions): Promise<string>;
  /** Ends all containers of the sandbox by force and takes the network down. */
  stopPodSandbox(id: string, options?: CallOptions): Promise<void>;
  removePodSandbox(id: string, options?: CallOptions): Promise<void>;
  /** @throws cri-not-found */
  podSandboxStatus(id: string, options?: CallOptions): Promise<cri.PodSandboxStatus>;
  listPodSandboxes(filter?: Input<cri.PodSandboxFilter>, options?: CallOptions): Promise<readonly cri.PodSandbox[]>;
}

/** Containers in sandboxes. */
export interface ContainerRuntime {
  /** Returns the id. */
  createContainer(request: Input<cri.CreateContainerRequest>, options?: CallOptions): Promise<string>;
  startContainer(id: string, options?: CallOptions): Promise<void>;
  /** The stop signal of the container, then SIGKILL after `graceSeconds`; 0 = SIGKILL at once. Resolves when it has ended. */
  stopContainer(id: string, graceSeconds: number, options?: CallOptions): Promise<void>;
  removeContainer(id: string, options?: CallOptions): Promise<void>;
  /** @throws cri-not-found */
  containerStatus(id: string, options?: CallOptions): Promise<cri.ContainerStatus>;
  listContainers(filter?: Input<cri.ContainerFilter>, options?: CallOptions): Promise<readonly cri.Container[]>;
  updateContainerResources(id: string, linux: Input<cri.LinuxContainerResources>, options?: CallOptions): Promise<void>;
  /** Opens the log file anew after it was renamed. */
  reopenContainerLog(id: string, options?: CallOptions): Promise<void>;
}

/** Commands and streams in containers. */
export interface StreamingRuntime {
  /** Runs a command to its end. `timeoutMs` 0 = no limit. @throws cri-deadline; cri-failed when it cannot be run at all. */
  execSync(id: string, command: readonly string[], timeoutMs: number, options?: CallOptions): Promise<cri.ExecSyncResponse>;
  /** URL at the runtime's streaming server (SPDY/3.1), good for one connection. */
  exec(request: Input<cri.ExecRequest>, options?: CallOptions): Promise<string>;
  attach(request: Input<cri.AttachRequest>, options?: CallOptions): Promise<string>;
  portForward(request: Input<cri.PortForwardRequest>, options?: CallOptions): Promise<string>;
}

/** Resource use. */
export interface StatsRuntime {
  containerStats(id: string, options?: CallOptions): Promise<cri.ContainerStats | undefined>;
  listContainerStats(filter?: Input<cri.ContainerStatsFilter>, options?: CallOptions): Promise<readonly cri.ContainerStats[]>;
  podSandboxStats(id: string, options?: CallOptions): Promise<cri.PodSandboxStats | undefined>;
  /** Slow with many pods (it enters each network namespace): not for regular use. */
  listPodSandboxStats(filter?: Input<cri.PodSandboxStatsFilter>, options?: CallOptions): Promise<readonly cri.PodSandboxStats[]>;
}

/** The runtime itself. */
export interface RuntimeInfo {
  version(options?: CallOptions): Promise<cri.VersionResponse>;
  status(options?: CallOptions): Promise<cri.StatusResponse>;
  /** @throws cri-unimplemented by containerd before 2.0 */
  runtimeConfig(options?: CallOptions): Promise<cri.RuntimeConfigResponse>;
}

/** Something happened to the main process of a container or of a sandbox. */
export interface RuntimeEvent {
  readonly type: 'start' | 'exit' | 'oom';
  /** Of the container or the sandbox. */
  readonly containerId: string;
}

/** The runtime's event stream. */
export interface EventRuntime {
  /** Events from now on, until the signal (quietly) or the runtime (a rejection or the end) ends it. Nothing is replayed: list after subscribing. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;
}

/** All roles of the runtime. */
export interface RuntimeService extends SandboxRuntime, ContainerRuntime, StreamingRuntime, StatsRuntime, RuntimeInfo, EventRuntime {}

/** Images. */
export interface ImageService {
  listImages(options?: CallOptions): Promise<readonly cri.Image[]>;
  /** `undefined` when it is not there. */
  imageStatus(image: string, options?: CallOptions): Promise<cri.Image | undefined>;
  /** Pulls; returns the image's id. */
  pullImage(image: string, auth: Input<cri.AuthConfig> | undefined, options?: CallOptions): Promise<string>;
  removeImage(image: string, options?: CallOptions): Promise<void>;
  imageFsInfo(options?: CallOptions): Promise<cri.ImageFsInfoResponse>;
}
