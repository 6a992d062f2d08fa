// The status of the node as the API shows it. Pure.

import type { ContainerImage, NodeAddress, NodeCondition, NodeStatus } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Image } from '../../cri/messages.gen.ts';
import type { NodeFacts } from './node-facts.ts';

/** Settings of the node that show in its status. */
export interface NodeSettings {
  readonly hostname: string;
  /** Addresses by which other nodes reach it, primary first. */
  readonly nodeIPs: readonly string[];
  readonly externalIPs: readonly string[];
  readonly maxPods: number;
  readonly kubeletVersion: string;
  /** e.g. `1.6.20` */
  readonly containerdVersion: string;
  readonly kubeletPort: number;
}

/** What the status is made from. */
export interface NodeStatusInput {
  readonly settings: NodeSettings;
  readonly facts: NodeFacts;
  readonly images: readonly Image[];
  /** Why the node is not ready; undefined = it is. */
  readonly notReady: string | undefined;
  readonly nowMs: number;
  readonly old: NodeStatus;
}

/** Hard eviction thresholds, upstream's defaults: what is kept from pods, and where pressure begins. */
const EVICTION_MEMORY = 100 << 20;
const EVICTION_DISK = 0.1;
const EVICTION_IMAGES = 0.15;
const EVICTION_INODES = 0.05;
/** What this kubelet knows of what not every kubelet does (KEP-5328), sorted. */
const DECLARED_FEATURES: readonly string[] = ['InPlacePodVerticalScalingInitContainers', 'RestartAllContainersOnContainerExits'];
/** Most images listed, and most names of one. */
const MAX_IMAGES = 50;
const MAX_IMAGE_NAMES = 5;

/** The status. Transition times of conditions move only when their status does; heartbeat times are now. */
export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { settings, facts } = input;
  return {
    ...resources(settings, facts),
    conditions: conditions(input),
    addresses: addresses(settings),
    daemonEndpoints: { kubeletEndpoint: { Port: settings.kubeletPort } },
    nodeInfo: {
      machineID: facts.machineId,
      systemUUID: facts.systemUuid,
      bootID: facts.bootId,
      kernelVersion: facts.kernelVersion,
      osImage: facts.osImage,
      containerRuntimeVersion: `containerd://${settings.containerdVersion}`,
      kubeletVersion: settings.kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: facts.architecture,
      ...(facts.swapTotal > 0 && { swap: { capacity: facts.swapTotal } }),
    },
    images: images(input.images),
    declaredFeatures: [...DECLARED_FEATURES],
  };
}

/** Capacity, and what of it pods may use. */
export function resources(
  settings: Pick<NodeSettings, 'maxPods'>,
  facts: NodeFacts,
): Required<Pick<NodeStatus, 'capacity' | 'allocatable'>> {
  const huge = [...facts.hugepages].map(([size, bytes]): [string, string] => [
    `hugepages-${size}`,
    bytes === 0 ? '0' : `${bytes / 1024}Ki`,
  ]);
  const hugeBytes = [...facts.hugepages.values()].reduce((a, b) => a + b, 0);
  const common = { cpu: String(facts.cpus), ...Object.fromEntries(huge), pods: String(settings.maxPods) };
  const kib = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;
  return {
    capacity: { ...common, 'ephemeral-storage': kib(facts.disk.bytes), memory: kib(facts.memoryTotal) },
    allocatable: {
      ...common,
      'ephemeral-storage': String(Math.floor(facts.disk.bytes * (1 - EVICTION_DISK))),
      memory: kib(Math.max(0, facts.memoryTotal - EVICTION_MEMORY - hugeBytes)),
    },
  };
}

function addresses({ nodeIPs, externalIPs, hostname }: NodeSettings): NodeAddress[] {
  return [
    ...nodeIPs.map((address) => ({ type: 'InternalIP', address })),
    ...externalIPs.map((address) => ({ type: 'ExternalIP', address })),
    { type: 'Hostname', address: hostname },
  ];
}

function conditions({ facts, notReady, nowMs, old }: NodeStatusInput): NodeCondition[] {
  const { disk, imageDisk } = facts;
  const diskIsFull =
    disk.availableBytes < disk.bytes * EVICTION_DISK ||
    imageDisk.availableBytes < imageDisk.bytes * EVICTION_IMAGES ||
    (disk.inodes > 0 && disk.freeInodes < disk.inodes * EVICTION_INODES);
  const rows: [type: string, bad: boolean, reasons: [string, string], messages: [string, string]][] = [
    [
      'MemoryPressure',
      facts.memoryAvailable < EVICTION_MEMORY,
      ['KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory'],
      ['kubelet has insufficient memory available', 'kubelet has sufficient memory available'],
    ],
    [
      'DiskPressure',
      diskIsFull,
      ['KubeletHasDiskPressure', 'KubeletHasNoDiskPressure'],
      ['kubelet has disk pressure', 'kubelet has no disk pressure'],
    ],
    [
      'PIDPressure',
      facts.pids > facts.maxPids * 0.95,
      ['KubeletHasInsufficientPID', 'KubeletHasSufficientPID'],
      ['kubelet has insufficient PID available', 'kubelet has sufficient PID available'],
    ],
  ];
  const pressure = rows.map(([type, bad, reasons, messages]) => {
    const at = bad ? 0 : 1;
    return condition({ type, status: bad ? 'True' : 'False', reason: reasons[at], message: messages[at] }, old, nowMs);
  });
  const ready = notReady === undefined;
  const state = ready
    ? { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { status: 'False', reason: 'KubeletNotReady', message: notReady };
  return [...pressure, condition({ type: 'Ready', ...state }, old, nowMs)];
}

function condition(row: Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>, old: NodeStatus, nowMs: number): NodeCondition {
  const before = old.conditions?.find((c) => c.type === row.type);
  const now = rfc3339(nowMs);
  const since = before?.status === row.status ? before.lastTransitionTime : undefined;
  return { ...row, lastHeartbeatTime: now, lastTransitionTime: since ?? now };
}

function images(all: readonly Image[]): ContainerImage[] {
  return all
    .toSorted((a, b) => b.size - a.size)
    .slice(0, MAX_IMAGES)
    .map((image) => ({ names: [...image.repoDigests, ...image.repoTags].slice(0, MAX_IMAGE_NAMES), sizeBytes: image.size }));
}
