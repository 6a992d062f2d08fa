import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { Heap } from '../../../../src/server/scheduler/heap.ts';
import { podInfo } from '../../../../src/server/scheduler/pod-info.ts';
import { type ClusterEvent, isWorthRetrying } from '../../../../src/server/scheduler/queueing-hints.ts';
import { SchedulingQueue } from '../../../../src/server/scheduler/scheduling-queue.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { node, pod } from '../../../support/scheduling.ts';

function queueWith(...pods: Pod[]): { queue: SchedulingQueue; clock: FakeClock; ready: () => number } {
  const clock = new FakeClock();
  let readies = 0;
  const queue = new SchedulingQueue(() => readies++, { clock });
  for (const one of pods) queue.add(podInfo(one));
  return { queue, clock, ready: () => readies };
}

const nameOf = (item: { info: { pod: Pod } } | undefined): string | undefined => item?.info.pod.metadata.name;
const nodeAdded: ClusterEvent = { kind: 'node-added', node: node('n') };

test('SchedulingQueue gives out the most important pod first, then the one that waits longest', async () => {
  const { queue, clock } = queueWith(pod('first'));
  await clock.advance(1);
  queue.add(podInfo(pod('second')));
  queue.add(podInfo(pod('urgent', { priority: 10 })));
  assert.deepEqual([queue.pop(), queue.pop(), queue.pop(), queue.pop()].map(nameOf), ['urgent', 'first', 'second', undefined]);
});

test('SchedulingQueue keeps a pod until something may help', async () => {
  const { queue, clock } = queueWith(pod('p', { requests: { cpu: '1' } }));
  const item = queue.pop();
  assert.ok(item);
  queue.unschedulable(item, new Set(['NodeAffinity']));
  queue.onEvent({ kind: 'pod-deleted', pod: podInfo(pod('x')) });
  assert.equal(queue.pop(), undefined);
  queue.onEvent(nodeAdded);
  assert.equal(nameOf(queue.pop()), 'p', 'nothing else waits: back-off is not waited for');
  await clock.advance(0);
});

test('SchedulingQueue tries a pod again after five minutes even if nothing happened', async () => {
  const { queue, clock, ready } = queueWith(pod('p'));
  const item = queue.pop();
  assert.ok(item);
  queue.unschedulable(item, new Set(['NodeAffinity']));
  await clock.advance(290_000);
  assert.equal(queue.pop(), undefined);
  const before = ready();
  await clock.advance(40_000);
  assert.ok(ready() > before);
  assert.equal(queue.pop()?.attempts, 2);
});

test('SchedulingQueue doubles the pause after failures from 1 s to 10 s', async () => {
  const { queue, clock } = queueWith(pod('p'));
  for (const pause of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const item = queue.pop();
    assert.ok(item);
    queue.retryLater(item);
    await clock.advance(pause - 1);
    assert.equal(queue.pop(), undefined);
    await clock.advance(1);
  }
});

test('SchedulingQueue holds gated pods back, whatever happens', async () => {
  const gated = pod('p', { schedulingGates: [{ name: 'g' }] });
  const { queue, clock } = queueWith(gated);
  queue.onEvent(nodeAdded);
  await clock.advance(600_000);
  assert.equal(queue.pop(), undefined);
  const { schedulingGates: _, ...spec } = gated.spec;
  queue.update(podInfo({ ...gated, spec }), 'changed');
  assert.equal(nameOf(queue.pop()), 'p');
});

test('SchedulingQueue forgets removed pods wherever they are', () => {
  const { queue } = queueWith(pod('a'), pod('b'), pod('c'));
  const [a, b] = [queue.pop(), queue.pop()];
  assert.ok(a && b);
  queue.unschedulable(a, new Set(['X']));
  queue.retryLater(b);
  assert.deepEqual(queue.counts, { active: 1, backoff: 1, unschedulable: 1 });
  for (const name of ['a', 'b', 'c']) queue.remove(`default/${name}`);
  assert.deepEqual(queue.counts, { active: 0, backoff: 0, unschedulable: 0 });
  queue.stop();
});

test('SchedulingQueue does not try a waiting pod again for a change of its status', () => {
  const waiting = pod('p');
  const { queue } = queueWith(waiting);
  const item = queue.pop();
  assert.ok(item);
  queue.unschedulable(item, new Set(['NodeAffinity']));
  queue.update(podInfo({ ...waiting, status: { phase: 'Pending' } }), 'same');
  assert.equal(queue.pop(), undefined);
  queue.update(podInfo(waiting), 'changed');
  assert.equal(nameOf(queue.pop()), 'p');
  queue.stop();
});

const old = node('n', { cpu: '1' });
const changes = (shape: Parameters<typeof node>[1]): ClusterEvent => ({
  kind: 'node-updated',
  node: node('n', { cpu: '1', ...shape }),
  old,
});
const placed = (labels: Record<string, string>, namespace = 'default') => podInfo(pod('x', { labels, namespace, nodeName: 'n' }));
const restartsAll = pod('p', { containers: [{ name: 'c', image: 'c', restartPolicyRules: [{ action: 'RestartAllContainers' }] }] });
const HINTS: readonly { plugin: string; event: ClusterEvent; pod?: Pod; want: boolean }[] = [
  { plugin: 'NodeResourcesFit', event: { kind: 'pod-deleted', pod: placed({}) }, want: true },
  { plugin: 'NodeResourcesFit', event: { kind: 'pod-added', pod: placed({}) }, want: false },
  { plugin: 'NodeResourcesFit', event: changes({ cpu: '2' }), want: true },
  { plugin: 'NodeResourcesFit', event: changes({ labels: { a: 'b' } }), want: false },
  { plugin: 'NodeAffinity', pod: pod('p', { nodeSelector: { a: 'b' } }), event: changes({ labels: { a: 'b' } }), want: true },
  { plugin: 'NodeAffinity', pod: pod('p', { nodeSelector: { a: 'b' } }), event: nodeAdded, want: false },
  { plugin: 'TaintToleration', event: changes({ spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }), want: false },
  { plugin: 'NodeDeclaredFeatures', pod: restartsAll, event: changes({ features: ['RestartAllContainersOnContainerExits'] }), want: true },
  { plugin: 'NodeDeclaredFeatures', pod: restartsAll, event: changes({ cpu: '2' }), want: false },
  { plugin: 'InterPodAffinity', event: { kind: 'pod-added', pod: placed({}) }, want: true },
  { plugin: 'PodTopologySpread', event: { kind: 'pod-deleted', pod: placed({}, 'other') }, want: false },
  { plugin: 'PodTopologySpread', event: { kind: 'pod-deleted', pod: placed({}) }, want: true },
  { plugin: 'VolumeBinding', event: { kind: 'storage-changed' }, want: true },
  { plugin: 'NodePorts', event: { kind: 'pod-deleted', pod: placed({}) }, want: false },
];
for (const { plugin, event, want, pod: waiting = pod('p') } of HINTS) {
  test(`isWorthRetrying: ${plugin} on ${event.kind} ${want ? 'hopes' : 'does not hope'}`, () => {
    assert.equal(isWorthRetrying(podInfo(waiting), new Set([plugin]), event), want);
  });
}

test('Heap gives out in order whatever was pushed and removed', () => {
  const operation = fc.record({ key: fc.nat(20).map(String), rank: fc.nat(100), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const heap = new Heap<{ key: string; rank: number }>(
        (item) => item.key,
        (a, b) => a.rank < b.rank,
      );
      const model = new Map<string, number>();
      for (const { key, rank, remove } of operations) {
        if (remove) {
          assert.equal(heap.remove(key)?.rank, model.get(key));
          model.delete(key);
        } else {
          heap.push({ key, rank });
          model.set(key, rank);
        }
        assert.equal(heap.size, model.size);
      }
      const out: number[] = [];
      for (let item = heap.pop(); item; item = heap.pop()) out.push(item.rank);
      assert.deepEqual(
        out,
        [...model.values()].sort((a, b) => a - b),
      );
    }),
  );
});
