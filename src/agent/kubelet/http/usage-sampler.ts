// Resource use of the containers, read from the runtime when someone asks and no more often than it changes for the reader.
// Rates come from the totals of two readings: containerd reports no current rate.

import type { Clock } from '../../../base/clock.ts';
import type { ContainerStats } from '../../../cri/messages.gen.ts';
import type { StatsRuntime } from '../../../cri/runtime.ts';
import { ANNOTATIONS, LABELS } from '../observed-pod.ts';
import { type NodeUsage, readNodeUsage } from './node-stats.ts';

/** One container's use. */
export interface ContainerUsage {
  readonly id: string;
  readonly podUid: string;
  readonly podName: string;
  readonly namespace: string;
  readonly container: string;
  readonly restarts: number;
  /** Of the reading, milliseconds since 1970. */
  readonly timeMs: number;
  readonly cpuNanoSeconds: number;
  /** Nanoseconds of CPU a second; undefined until two readings are there. */
  readonly cpuNanoCores: number | undefined;
  readonly workingSetBytes: number;
  readonly usageBytes: number;
  readonly rssBytes: number;
  readonly writableBytes: number | undefined;
  readonly writableInodes: number | undefined;
}

/** What was read at one time. */
export interface UsageSample {
  readonly node: NodeUsage;
  readonly nodeCpuNanoCores: number | undefined;
  readonly containers: readonly ContainerUsage[];
}

/** Needs of UsageSampler. */
export interface UsageSamplerDeps {
  readonly runtime: Pick<StatsRuntime, 'listContainerStats'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** Readers within this time share one reading. */
const FRESH_MS = 1_000;
/** Two readings closer together than this make no useful rate. */
const LEAST_RATE_MS = 500;

/** Reads on demand; one reading at a time. */
export class UsageSampler {
  readonly #path: string;
  readonly #deps: UsageSamplerDeps;
  #last: UsageSample | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<UsageSample> | undefined;

  /** `path`: a directory on the file system whose use is the node's. */
  constructor(options: { readonly path: string }, deps: UsageSamplerDeps) {
    this.#path = options.path;
    this.#deps = deps;
  }

  /** @throws KtsError of the runtime */
  async sample(): Promise<UsageSample> {
    if (this.#last && this.#deps.clock.monotonic() - this.#lastAt < FRESH_MS) return this.#last;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<UsageSample> {
    const [node, stats] = await Promise.all([readNodeUsage(this.#path, this.#deps.clock.now()), this.#deps.runtime.listContainerStats()]);
    const before = new Map(this.#last?.containers.map((usage) => [usage.id, usage]));
    const containers = stats.map((one) => containerUsage(one, before.get(one.attributes?.id ?? '')));
    const nodeCpuNanoCores = this.#last && rate(node, this.#last.node, this.#last.nodeCpuNanoCores);
    this.#last = { node, nodeCpuNanoCores, containers };
    this.#lastAt = this.#deps.clock.monotonic();
    return this.#last;
  }
}

interface Reading {
  readonly timeMs: number;
  readonly cpuNanoSeconds: number;
}

function rate(now: Reading, before: Reading, otherwise: number | undefined): number | undefined {
  const elapsed = now.timeMs - before.timeMs;
  if (elapsed < LEAST_RATE_MS) return otherwise;
  return Math.max(Math.round(((now.cpuNanoSeconds - before.cpuNanoSeconds) / elapsed) * 1000), 0);
}

function containerUsage(stats: ContainerStats, before: ContainerUsage | undefined): ContainerUsage {
  const { labels = {}, annotations = {}, id = '' } = stats.attributes ?? {};
  const { cpu, memory, writableLayer } = stats;
  const reading = { timeMs: Number((cpu?.timestamp ?? 0n) / 1_000_000n), cpuNanoSeconds: Number(cpu?.usageCoreNanoSeconds?.value ?? 0n) };
  const reported = Number(cpu?.usageNanoCores?.value ?? 0n);
  return {
    id,
    podUid: labels[LABELS.podUid] ?? '',
    podName: labels[LABELS.podName] ?? '',
    namespace: labels[LABELS.podNamespace] ?? '',
    container: labels[LABELS.containerName] ?? '',
    restarts: Number(annotations[ANNOTATIONS.restartCount] ?? 0),
    ...reading,
    cpuNanoCores: reported > 0 ? reported : before && rate(reading, before, before.cpuNanoCores),
    workingSetBytes: Number(memory?.workingSetBytes?.value ?? 0n),
    usageBytes: Number(memory?.usageBytes?.value ?? 0n),
    rssBytes: Number(memory?.rssBytes?.value ?? 0n),
    writableBytes: writableLayer?.usedBytes && Number(writableLayer.usedBytes.value),
    writableInodes: writableLayer?.inodesUsed && Number(writableLayer.inodesUsed.value),
  };
}
