// What a kubelet is told and given.

import type { Taint } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Exec } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import type { Containerd } from '../../cri/containerd.ts';
import type { ImageService, RuntimeService } from '../../cri/runtime.ts';
import type { ImageArchives } from './image-archives.ts';
import type { ImageGcOptions } from './image-gc.ts';
import type { KubeletDirs } from './kubelet-paths.ts';
import type { ProbeManager, VolumeManager } from './ports.ts';

/** Options of the kubelet. */
export interface KubeletOptions {
  readonly nodeName: string;
  readonly hostname: string;
  /** Addresses of the node, primary first; at least one. */
  readonly nodeIPs: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly dirs: KubeletDirs;
  /** Directory on the file system of images and containers. */
  readonly imageDir: string;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** The node's resolver configuration; the file is read anew for each pod. Default /etc/resolv.conf. */
  readonly resolvConf?: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly nodeTaints: readonly Taint[];
  /** Cgroup all pods of this node are below; `''` = the machine's root. Needed when several nodes share a machine. */
  readonly cgroupRoot: string;
  /** Default 110. */
  readonly maxPods?: number;
  readonly kubeletVersion: string;
  /** Default 10250. */
  readonly kubeletPort?: number;
  /** Image pulls at a time; default 1, as upstream. */
  readonly parallelPulls?: number;
  /** Pods that start at a time; default twice the cores. */
  readonly parallelStarts?: number;
  /** Sysctls beyond the safe ones that pods may set; `net.core.*` form allowed. */
  readonly allowedSysctls?: readonly string[];
  readonly imageGc?: ImageGcOptions;
  readonly providerId?: string;
}

/** What the kubelet needs. All components among them are started before it and stopped after it. */
export interface KubeletDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly containerd: Pick<Containerd, 'systemdCgroup' | 'version' | 'onRestart'>;
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly archives: Pick<ImageArchives, 'pinned'>;
  readonly volumes: VolumeManager;
  readonly probes: ProbeManager;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly exec: Exec;
}
