// The measurements by name: each takes the world and gives its figures, with the budgets of the design beside them.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_IMAGE } from '../../scripts/images/test-image.ts';
import type { KtsNode } from '../e2e/support/kts-node.ts';
import { Kubectl } from '../e2e/support/kubectl.ts';
import { shellPod, WAIT } from '../e2e/support/manifests.ts';
import { eventually } from '../e2e/support/shell.ts';
import type { MeasurementName } from './bench-options.ts';
import { type BenchWorld, endContainerd, runForJson } from './bench-world.ts';
import type { StartTimes } from './client/start-times.ts';
import { type Memory, memoryOf, usageOf } from './proc.ts';
import type { Budget, Figure } from './report.ts';
import type { SchedulerRate } from './scheduler.bench.ts';
import { median } from './statistics.ts';

/** How long and how often. */
export interface Effort {
  readonly coldStarts: number;
  readonly warmStarts: number;
  /** Before an idle window, so that what a start leaves to do is done. */
  readonly settleMs: number;
  readonly windowMs: number;
  readonly pods: number;
  readonly writes: number;
  readonly lists: number;
}

/**
 * What is left to do after a start or a pod: the lazy writes of the store, 30 s later. A window that began before them would
 * extrapolate them to a day.
 */
const SETTLE_MS = 45_000;
/** The full run. Its window holds one turn of the store's heartbeats, which are written every five minutes. */
export const FULL: Effort = { coldStarts: 3, warmStarts: 5, settleMs: SETTLE_MS, windowMs: 300_000, pods: 10, writes: 1000, lists: 15 };
/** The quick one: too short for the heartbeats. */
export const QUICK: Effort = { coldStarts: 1, warmStarts: 2, settleMs: SETTLE_MS, windowMs: 30_000, pods: 5, writes: 300, lists: 7 };

const IDLE_PODS = 10;
const LIST_PODS = 5000;
const SAMPLE_MS = 10_000;
const START_TIMEOUT_MS = 120_000;
const DAY_MS = 24 * 3600 * 1000;
const MB = 1e6;

const atMost = (value: number): Budget => ({ kind: 'at most', value });
const atLeast = (value: number): Budget => ({ kind: 'at least', value });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The measurements. `world` makes the machines when the first one needs them. */
export const MEASURE: Readonly<Record<MeasurementName, (world: () => Promise<BenchWorld>, effort: Effort) => Promise<Figure[]>>> = {
  start: async (world, effort) => startFigures(await world(), effort),
  idle: async (world, effort) => idleFigures(await world(), effort),
  agent: async (world, effort) => agentFigures(await world(), effort),
  pods: async (world, effort) => podFigures(await world(), effort),
  writes: async (world, effort) => writeFigures(await world(), effort),
  watch: async (world, effort) => watchFigures(await world(), effort),
  api: async (world, effort) => apiFigures(await world(), effort),
  list: async (world, effort) => listFigures(await world(), effort),
  scheduler: schedulerFigures,
};

async function startFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const cold: StartTimes[] = [];
  const warm: StartTimes[] = [];
  let server = await world.freshServer();
  for (let i = 0; i < effort.coldStarts; i++) {
    if (i > 0) server = await world.freshServer();
    cold.push(await timedStart(world, server));
  }
  for (let i = 0; i < effort.warmStarts; i++) {
    await codeCaches(server);
    await server.stop();
    await endContainerd(server);
    warm.push(await timedStart(world, server));
  }
  return [
    { ...startFigure('start to Ready + DNS, warm, containerd not running', warm), budget: atMost(4) },
    startFigure('start to Ready + DNS, first start, containerd not running', cold),
  ];
}

/** A start watched from outside; milliseconds since the start of the process. */
async function timedStart(world: BenchWorld, server: KtsNode): Promise<StartTimes & { readyFile: number }> {
  const since = Date.now();
  const outside = { kubeconfig: server.kubeconfig, node: server.machine.name, dns: '10.43.0.10', timeoutMs: START_TIMEOUT_MS, since };
  const watching = world.client(server.machine, 'startTimes', { ...outside, since: since + WATCHER_START_MS });
  watching.catch(() => {}); // Awaited below, unless the server fails first.
  await pause(WATCHER_START_MS); // The watcher's own start must not take the server's CPU.
  const started = Date.now();
  await server.startServer();
  const readyFile = Number(readFileSync(join(server.runDir, 'kts.ready'), 'utf8'));
  const { apiAnswers, nodeReady, dnsAnswers } = await watching;
  return {
    apiAnswers: apiAnswers - started,
    nodeReady: nodeReady - started,
    dnsAnswers: dnsAnswers - started,
    readyFile: readyFile - started,
  };
}

/** A Node process is up and idle after that. */
const WATCHER_START_MS = 1500;

function startFigure(what: string, runs: readonly StartTimes[]): Figure {
  const seconds = median(runs.map(({ nodeReady, dnsAnswers }) => Math.max(nodeReady, dnsAnswers))) / 1000;
  return { what, measured: seconds, unit: 's', details: { runs } };
}

/** A start leaves its code caches some seconds later; the next start is warm with them. */
async function codeCaches(server: KtsNode): Promise<void> {
  const caches = (): number => globSync(join(server.dataDir, 'build/*/*.v8cache')).length;
  await eventually('code caches of three threads', async () => caches() >= 3, 20_000);
}

async function idleFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const server = await world.server();
  const kubectl = new Kubectl(server);
  const pods = Array.from({ length: IDLE_PODS }, (_, i) => `bench-idle-${i}`);
  await kubectl.apply(...pods.map((name) => shellPod(name, WAIT)));
  for (const name of pods) await kubectl.ready(name, 120_000);
  const { memory, cpuPercent, ownCpuPercent, diskPerDay, callsPerDay } = await idleWindow(server, effort);
  await kubectl.run(['delete', 'pod', '--all', '--wait=true'], { timeoutMs: 120_000 });
  const details = { samplesMB: memory.map(({ rss, anonymous }) => ({ rss: rss / MB, anonymous: anonymous / MB })) };
  return [
    { ...memoryFigure('kts server, idle, 10 pods: Rss', memory, 'rss'), budget: atMost(150), details },
    memoryFigure('kts server, idle, 10 pods: Anonymous', memory, 'anonymous'),
    { what: 'kts server, idle: CPU of one core', measured: cpuPercent, unit: '%', budget: atMost(1), details: { ownCpuPercent } },
    { what: 'kts server, idle: written to disk', measured: diskPerDay, unit: 'MB/day', budget: atMost(15), details: { callsPerDay } },
  ];
}

interface IdleWindow {
  readonly memory: readonly Memory[];
  /** With the programs it ran. */
  readonly cpuPercent: number;
  readonly ownCpuPercent: number;
  readonly diskPerDay: number;
  readonly callsPerDay: number;
}

async function idleWindow(node: KtsNode, { settleMs, windowMs }: Effort): Promise<IdleWindow> {
  await pause(settleMs);
  const before = usageOf(node.pid);
  const started = performance.now();
  const memory: Memory[] = [];
  while (performance.now() - started < windowMs) {
    await pause(Math.min(SAMPLE_MS, windowMs - (performance.now() - started)));
    memory.push(memoryOf(node.pid));
  }
  const after = usageOf(node.pid);
  const ms = performance.now() - started;
  const own = after.cpu.own - before.cpu.own;
  const children = after.cpu.children - before.cpu.children;
  return {
    memory,
    cpuPercent: ((own + children) * 1000 * 100) / ms,
    ownCpuPercent: (own * 1000 * 100) / ms,
    diskPerDay: ((after.written.disk - before.written.disk) * DAY_MS) / ms / MB,
    callsPerDay: ((after.written.calls - before.written.calls) * DAY_MS) / ms / MB,
  };
}

function memoryFigure(what: string, samples: readonly Memory[], kind: keyof Memory): Figure {
  return { what, measured: median(samples.map((sample) => sample[kind])) / MB, unit: 'MB' };
}

async function agentFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const agent = await world.startAgent();
  const { memory, cpuPercent, diskPerDay } = await idleWindow(agent, { ...effort, windowMs: effort.windowMs / 2 });
  await world.removeAgent();
  return [
    { ...memoryFigure('kts agent, idle: Rss', memory, 'rss'), budget: atMost(90) },
    memoryFigure('kts agent, idle: Anonymous', memory, 'anonymous'),
    { what: 'kts agent, idle: CPU of one core', measured: cpuPercent, unit: '%' },
    { what: 'kts agent, idle: written to disk', measured: diskPerDay, unit: 'MB/day' },
  ];
}

async function podFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const server = await world.server();
  const socket = join(server.runDir, 'containerd/containerd.sock');
  if (!existsSync(socket)) throw new RangeError(`no ${socket}`);
  const times = await world.client(server.machine, 'podTimes', {
    kubeconfig: server.kubeconfig,
    socket,
    node: server.machine.name,
    image: TEST_IMAGE,
    cgroup: `${server.cgroupRoot}/kubepods/besteffort/bench`,
    directory: join(server.root, 'bare-pods'),
    count: effort.pods,
  });
  const { running, bare } = times;
  return [
    {
      what: 'pod start beyond the bare CRI calls',
      measured: running.p50 - bare.p50,
      unit: 'ms',
      budget: atMost(150),
      details: { ...times },
    },
    { what: 'pod start: create to Running', measured: running.p50, unit: 'ms' },
    { what: 'pod start: the bare CRI calls', measured: bare.p50, unit: 'ms' },
  ];
}

async function writeFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const server = await world.server();
  const { create, fsync } = await world.client(server.machine, 'writeTimes', {
    kubeconfig: server.kubeconfig,
    directory: server.root,
    count: effort.writes,
  });
  const details = { create, fsync };
  return [
    { what: 'create a ConfigMap, durable, p50', measured: create.p50, unit: 'ms', budget: atMost(3 + fsync.p50), details },
    { what: 'create a ConfigMap, durable, p99', measured: create.p99, unit: 'ms', budget: atMost(15 + fsync.p99) },
    { what: "the disk's own fsync of 4 kB, p50", measured: fsync.p50, unit: 'ms' },
    { what: "the disk's own fsync of 4 kB, p99", measured: fsync.p99, unit: 'ms' },
  ];
}

async function watchFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const server = await world.server();
  const times = await world.client(server.machine, 'watchTimes', { kubeconfig: server.kubeconfig, count: effort.writes });
  return [
    {
      what: 'watch: write answered to event elsewhere, p99',
      measured: times.afterAnswer.p99,
      unit: 'ms',
      budget: atMost(10),
      details: { ...times },
    },
  ];
}

async function apiFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const server = await world.server();
  const times = await world.client(server.machine, 'apiTimes', { kubeconfig: server.kubeconfig, count: effort.writes });
  const { update, apply, mergePatch, strategicPatch, selectedList, jsonList, protobufList, fanOut } = times;
  return [
    { what: 'apply: times an update', measured: apply.p50 / update.p50, unit: 'x', budget: atMost(3), details: { ...times } },
    { what: 'merge patch, p50', measured: mergePatch.p50, unit: 'ms' },
    { what: 'strategic merge patch, p50', measured: strategicPatch.p50, unit: 'ms' },
    { what: 'LIST of 100 out of 1,000 by label, p50', measured: selectedList.p50, unit: 'ms' },
    { what: 'LIST of 1,000 as protobuf: times as JSON', measured: protobufList.p50 / jsonList.p50, unit: 'x' },
    { what: 'watch: write sent to event at the last of 1,000 watchers, p99', measured: fanOut.p99, unit: 'ms' },
  ];
}

async function listFigures(world: BenchWorld, effort: Effort): Promise<Figure[]> {
  const server = await world.server();
  const times = await world.client(server.machine, 'listTimes', { kubeconfig: server.kubeconfig, pods: LIST_PODS, rounds: effort.lists });
  const { list, bare } = times;
  const memory = memoryOf(server.pid);
  return [
    {
      what: 'LIST of 5,000 pods: times the bytes alone',
      measured: list.p50 / bare.p50,
      unit: 'x',
      budget: atMost(1.5),
      details: { ...times, memoryAfterwardsMB: memory.rss / MB },
    },
    { what: 'LIST of 5,000 pods', measured: list.p50, unit: 'ms' },
    { what: 'the same bytes from a bare HTTP/2 server', measured: bare.p50, unit: 'ms' },
  ];
}

async function schedulerFigures(): Promise<Figure[]> {
  const program = join(import.meta.dirname, 'scheduler.bench.ts');
  const rates = (await runForJson(process.execPath, ['--no-warnings', program, '--json'])) as SchedulerRate[];
  return rates.map(({ what, podsPerSecond }) => ({
    what: `scheduler, 1,000 nodes: ${what}`,
    measured: podsPerSecond,
    unit: 'pods/s',
    budget: atLeast(1000),
  }));
}
