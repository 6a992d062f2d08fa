// What all parts that act on pods share: the node's ports and settings. Built once by Kubelet.

import type { ConfigMap, Pod, Secret, Service } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import type { ContainerRuntime, ImageService, SandboxRuntime, StatsRuntime, StreamingRuntime } from '../../cri/runtime.ts';
import type { NodeResources } from './container-resources.ts';
import type { Backoffs } from './crash-backoff.ts';
import type { ImagePuller } from './image-puller.ts';
import type { KubeletPaths } from './kubelet-paths.ts';
import type { PodCgroups } from './pod-cgroups.ts';
import type { NodeDns } from './pod-dns.ts';
import type { ResizeRefusal } from './pod-sizes.ts';
import type { ProbeManager, VolumeManager } from './ports.ts';
import type { RuntimeView } from './runtime-view.ts';
import type { Semaphore } from './semaphore.ts';
import type { StatusManager } from './status-manager.ts';

/** Objects of the API that containers refer to. */
export interface PodObjects {
  /** `undefined` when it does not exist. @throws StatusError when the API cannot say */
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** Services of a namespace and of `default`, from memory. */
  services(namespace: string): readonly Service[];
  /** Secrets for pulls: those of the pod. Missing ones are left out. */
  pullSecrets(pod: Pod): Promise<readonly Secret[]>;
  /** Handler of the runtime for a RuntimeClass; `''` = the default one. @throws KtsError `kubelet-config` for a class that does not exist */
  runtimeHandler(runtimeClassName: string | undefined): Promise<string>;
  /** Deletes the pod object of exactly this uid at once. A pod that is gone is success. */
  deletePod(pod: Pod): Promise<void>;
}

/** The shared surroundings of pod workers. */
export interface PodContext {
  readonly runtime: SandboxRuntime & ContainerRuntime & Pick<StreamingRuntime, 'execSync'> & Pick<StatsRuntime, 'containerStats'>;
  readonly images: ImageService;
  readonly view: RuntimeView;
  readonly puller: ImagePuller;
  readonly volumes: VolumeManager;
  readonly probes: ProbeManager;
  readonly statuses: StatusManager;
  readonly cgroups: PodCgroups;
  readonly objects: PodObjects;
  readonly recorder: EventRecorder;
  readonly paths: KubeletPaths;
  readonly clock: Clock;
  readonly log: Logger;
  readonly restarts: Backoffs;
  /** Limits how many pods are being started at once (~2x cores): nearly the same total, far earlier first pods. */
  readonly starts: Semaphore;
  readonly node: NodeResources;
  /** Addresses of the node now, primary first. */
  hostIPs(): readonly string[];
  allocatable(): Readonly<Record<string, string>>;
  dns(): NodeDns;
  /** Text of the node's /etc/hosts. */
  hostsFile(): Promise<string>;
  /** Why the pod may not run here; undefined = it may. */
  admit(pod: Pod): Promise<{ readonly reason: string; readonly message: string } | undefined>;
  /** Why the sizes in the pod's spec cannot be had; undefined = they can. */
  refuseResize(pod: Pod): Promise<ResizeRefusal | undefined>;
}
