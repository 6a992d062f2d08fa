import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podInfo } from '../../../../src/server/scheduler/pod-info.ts';
import { node, pod, state } from '../../../support/scheduling.ts';

const requests = { cpu: '500m', memory: '1Gi' };

test('ClusterState counts assumed pods, confirms them and takes them back', () => {
  const view = state([node('a')]);
  const info = podInfo(pod('p', { requests }));
  view.assume(info, 'a');
  assert.equal(view.node('a')?.requested.milliCpu, 500);
  view.forget(info.uid);
  assert.equal(view.node('a')?.requested.milliCpu, 0);
  view.assume(info, 'a');
  view.setPod(podInfo({ ...info.pod, spec: { ...info.pod.spec, nodeName: 'a' } }));
  view.forget(info.uid);
  assert.equal(view.node('a')?.requested.milliCpu, 500, 'a pod that was seen on its node is not taken back');
});

test('ClusterState forgets a bound pod that never shows up after 15 minutes', () => {
  const view = state([node('a')]);
  const info = podInfo(pod('p', { requests }));
  view.assume(info, 'a');
  view.expireAssumed(10_000_000);
  assert.equal(view.placeOf(info.uid), 'a', 'not while the binding is under way');
  view.bound(info.uid, 1_000);
  view.expireAssumed(900_000);
  assert.equal(view.placeOf(info.uid), 'a');
  view.expireAssumed(901_000);
  assert.equal(view.placeOf(info.uid), undefined);
  assert.equal(view.node('a')?.pods.size, 0);
});

test('ClusterState counts pods that were known before their node, and again when the node returns', () => {
  const view = state([], [pod('p', { requests, nodeName: 'a' })]);
  assert.equal(view.nodes.length, 0);
  view.setNode(node('a'));
  assert.equal(view.node('a')?.requested.milliCpu, 500);
  view.removeNode('a');
  view.setNode(node('a'));
  assert.equal(view.node('a')?.requested.milliCpu, 500);
});

test('ClusterState follows a pod that is resized in place', () => {
  const placed = pod('p', { requests, nodeName: 'a' });
  const view = state([node('a')], [placed]);
  const [container] = placed.spec.containers;
  const bigger = { ...placed, spec: { ...placed.spec, containers: [{ name: 'c', ...container, resources: { requests: { cpu: '2' } } }] } };
  view.setPod(podInfo(bigger));
  assert.equal(view.node('a')?.requested.milliCpu, 2000);
  assert.equal(view.node('a')?.requested.memory, 0);
});

test('ClusterState lists one node of each zone in turn', () => {
  const zone = (z: string) => ({ labels: { 'topology.kubernetes.io/zone': z } });
  const view = state([node('a1', zone('a')), node('a2', zone('a')), node('a3', zone('a')), node('b1', zone('b'))]);
  assert.deepEqual(
    view.nodes.map((n) => n.name),
    ['a1', 'b1', 'a2', 'a3'],
  );
});
