// How many pods a second the scheduler places on 1,000 nodes: the cycle alone, and the whole Scheduler over an API in memory.
// Prints figures and never fails. Run: node test/bench/scheduler.bench.ts [--json] [nodes] [pods]

import type { Node, Pod } from '../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { NODES, PODS } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { runCycle } from '../../src/server/scheduler/cycle.ts';
import { podInfo } from '../../src/server/scheduler/pod-info.ts';
import { Scheduler } from '../../src/server/scheduler/scheduler.ts';
import { FakeApi } from '../support/fake-api.ts';
import { node, type PodShape, pod, state } from '../support/scheduling.ts';

/** One figure, as `--json` prints them. */
export interface SchedulerRate {
  readonly what: string;
  readonly podsPerSecond: number;
}

const NUMBERS = process.argv.slice(2).filter((word) => word !== '--json');
const NODE_COUNT = Number(NUMBERS[0] ?? 1000);
const POD_COUNT = Number(NUMBERS[1] ?? 5000);

const zoneOf = (i: number): Record<string, string> => ({ 'topology.kubernetes.io/zone': `z${i % 3}` });
const nodes = (): Node[] => Array.from({ length: NODE_COUNT }, (_, i) => node(`n${i}`, { cpu: '32', memory: '64Gi', labels: zoneOf(i) }));

const requests = { cpu: '100m', memory: '100Mi' };
const hostname = 'kubernetes.io/hostname';
/** Kinds of pods by what they ask of the scheduler. */
const KINDS: Readonly<Record<string, PodShape>> = {
  'plain requests': { requests },
  'of a Service (default spread)': { requests, labels: { app: 'web' } },
  'required anti-affinity per node': {
    requests,
    labels: { k: 'a' },
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { k: 'a' } }, topologyKey: hostname }],
      },
    },
  },
  'spread over zones': {
    requests,
    labels: { k: 's' },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { k: 's' } },
      },
    ],
  },
};

const rate = (what: string, count: number, ms: number): SchedulerRate => ({ what, podsPerSecond: Math.round((count / ms) * 1000) });

/** Pods of five workloads that are on the nodes already. */
const crowd = (perNode: number): Pod[] =>
  Array.from({ length: NODE_COUNT * perNode }, (_, i) =>
    pod(`x${i}`, { nodeName: `n${i % NODE_COUNT}`, labels: { app: ['web', 'a', 'b', 'c', 'd'][i % 5] ?? '' }, requests }),
  );

function benchCycle(kind: string, shape: PodShape, placed: readonly Pod[] = []): SchedulerRate {
  const view = state(nodes(), placed);
  // Anti-affinity per node fills the cluster after one pod per node.
  const pods = Array.from({ length: Math.min(POD_COUNT, NODE_COUNT * 0.9) }, (_, i) => pod(`p${i}`, shape));
  const start = performance.now();
  let startIndex = 0;
  for (const one of pods) {
    const info = podInfo(one);
    const result = runCycle(info, { view, nominated: () => [], startIndex, random: Math.random });
    if (result.kind !== 'fits') continue;
    startIndex = (startIndex + result.examined) % NODE_COUNT;
    view.assume(info, result.node.name);
  }
  return rate(`cycle, ${kind}`, pods.length, performance.now() - start);
}

async function benchWhole(): Promise<SchedulerRate> {
  const api = new FakeApi(systemClock);
  const client = new LocalClient(api, { name: 'bench', groups: ['system:masters'] });
  const informers = new SharedInformerFactory({ client, clock: systemClock, log: silentLogger });
  const recorder = () => ({ event: () => {} });
  for (const one of nodes()) await client.create(NODES, one as Node);
  const count = Math.min(POD_COUNT, 2000);
  for (let i = 0; i < count; i++) await client.create(PODS, pod(`p${i}`, { requests }) as Pod);
  let placed = 0;
  const done = new Promise<void>((resolve) => {
    api.before = (call) => {
      if (call.subresource === 'binding' && ++placed === count) resolve();
    };
  });
  const scheduler = new Scheduler({}, { client, informers, recorder, clock: systemClock, log: silentLogger });
  // The clock's timers do not keep the process alive.
  const alive = setInterval(() => {}, 1000);
  const start = performance.now();
  await scheduler.start();
  await done;
  const ms = performance.now() - start;
  clearInterval(alive);
  await scheduler.stop();
  await informers.stop();
  return rate('whole, over an API in memory, plain requests', count, ms);
}

const rates = [
  ...Object.entries(KINDS).map(([kind, shape]) => benchCycle(kind, shape)),
  benchCycle('of a Service, 50 pods a node', { requests, labels: { app: 'web' } }, crowd(50)),
  await benchWhole(),
];
if (process.argv.includes('--json')) console.log(JSON.stringify(rates));
else for (const { what, podsPerSecond } of rates) console.log(`${what.padEnd(44)} ${String(podsPerSecond).padStart(7)} pods/s`);
