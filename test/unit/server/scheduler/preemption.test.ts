import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { type DisruptionBudget, disruptionBudget } from '../../../../src/server/scheduler/disruption-budget.ts';
import { podInfo } from '../../../../src/server/scheduler/pod-info.ts';
import { planPreemption } from '../../../../src/server/scheduler/preemption.ts';
import { cycle, node, type PodShape, pod, state } from '../../../support/scheduling.ts';

/** Evictions as `node: victims`, or the message. */
function plan(target: Pod, nodes: readonly Node[], placed: readonly Pod[], budgets: readonly DisruptionBudget[] = []): string {
  const view = state(nodes, placed);
  const result = cycle(target, view);
  assert.equal(result.kind, 'unschedulable');
  if (result.kind !== 'unschedulable') return '';
  const { diagnosis, filters } = result;
  const decided = planPreemption(podInfo(target), { view, nominated: () => [], diagnosis, filters, budgets, random: () => 0 });
  if (decided.kind !== 'evict') return decided.message;
  return `${decided.node.name}: ${decided.victims.map((v) => v.pod.metadata.name).join(' ')}`;
}

const on = (nodeName: string, name: string, priority: number, cpu: string, shape: PodShape = {}): Pod =>
  pod(name, { nodeName, priority, requests: { cpu }, ...shape });
const started = (time: string): PodShape => ({ status: { startTime: time } });
const two = [node('a', { cpu: '1' }), node('b', { cpu: '1' })];
const high = (shape: PodShape = {}): Pod => pod('high', { priority: 100, requests: { cpu: '800m' }, ...shape });
const budget = disruptionBudget({
  metadata: { name: 'b', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'kept' } } },
  status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 1 },
});

const CASES: readonly { title: string; nodes: readonly Node[]; placed: Pod[]; pod?: Pod; budgets?: DisruptionBudget[]; want: string }[] = [
  {
    title: 'evicts only as many as needed, the least important first',
    nodes: [node('a', { cpu: '1' })],
    placed: [on('a', 'x', 3, '300m'), on('a', 'y', 2, '300m'), on('a', 'z', 1, '300m')],
    pod: high({ requests: { cpu: '400m' } }),
    want: 'a: z',
  },
  {
    title: 'takes the node whose most important victim matters least',
    nodes: two,
    placed: [on('a', 'x', 50, '900m'), on('b', 'y', 40, '900m')],
    want: 'b: y',
  },
  {
    title: 'takes the node with the fewest victims of equal priority',
    nodes: two,
    placed: [on('a', 'x1', 5, '450m'), on('a', 'x2', 5, '450m'), on('b', 'y', 5, '900m')],
    want: 'b: y',
  },
  {
    title: 'takes the node whose victims started last',
    nodes: two,
    placed: [on('a', 'x', 5, '900m', started('2026-01-01T00:00:00Z')), on('b', 'y', 5, '900m', started('2026-01-02T00:00:00Z'))],
    want: 'b: y',
  },
  {
    title: 'takes the node where no budget is broken, even for a more important victim',
    nodes: two,
    placed: [on('a', 'x', 1, '900m', { labels: { app: 'kept' } }), on('b', 'y', 50, '900m')],
    budgets: budget ? [budget] : [],
    want: 'b: y',
  },
  {
    title: 'breaks a budget when nothing else helps',
    nodes: [node('a', { cpu: '1' })],
    placed: [on('a', 'x', 1, '900m', { labels: { app: 'kept' } })],
    budgets: budget ? [budget] : [],
    want: 'a: x',
  },
  {
    title: 'makes room by removing what it must not be near',
    nodes: [node('a')],
    placed: [on('a', 'x', 1, '100m', { labels: { app: 'enemy' } }), on('a', 'y', 1, '100m')],
    pod: high({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: { app: 'enemy' } }, topologyKey: 'kubernetes.io/hostname' },
          ],
        },
      },
    }),
    want: 'a: x',
  },
  {
    title: 'tells nodes where it cannot help from those without victims',
    nodes: [node('a', { cpu: '1' }), node('b', { cpu: '500m' }), node('c', { spec: { unschedulable: true } })],
    placed: [on('a', 'x', 100, '900m')],
    want: '0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
  },
  {
    title: 'says what is still missing without all lower pods',
    nodes: [node('a', { cpu: '1' })],
    placed: [on('a', 'x', 1, '100m'), on('a', 'y', 200, '700m')],
    want: '0/1 nodes are available: 1 Insufficient cpu.',
  },
];
for (const { title, nodes, placed, pod: target = high(), budgets, want } of CASES) {
  test(`planPreemption ${title}`, () => assert.equal(plan(target, nodes, placed, budgets), want));
}

test('planPreemption waits for a victim that is on its way out', () => {
  const going = on('a', 'x', 1, '900m', {
    status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
  });
  going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  const target = high({ status: { nominatedNodeName: 'a' } });
  assert.equal(plan(target, [node('a', { cpu: '1' })], [going]), 'not eligible due to a terminating pod on the nominated node.');
});
