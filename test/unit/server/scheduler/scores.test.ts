import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { enoughNodes } from '../../../../src/server/scheduler/cycle.ts';
import { node, outcome, pod, state } from '../../../support/scheduling.ts';

interface Case {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly placed?: readonly Pod[];
  readonly pod: Pod;
  readonly want: string;
}

const weighted = (labels: Record<string, string>, topologyKey = 'zone') => [
  { weight: 100, podAffinityTerm: { labelSelector: { matchLabels: labels }, topologyKey } },
];

const CASES: readonly Case[] = [
  {
    title: 'the emptier node',
    nodes: [node('a'), node('b')],
    placed: [pod('x', { nodeName: 'a', requests: { cpu: '2', memory: '4Gi' } })],
    pod: pod('p', { requests: { cpu: '100m', memory: '100Mi' } }),
    want: 'b',
  },
  {
    title: 'the node where CPU and memory stay balanced',
    nodes: [node('a', { cpu: '10', memory: '10Gi' }), node('b', { cpu: '10', memory: '10Gi' })],
    placed: [
      pod('x', { nodeName: 'a', requests: { cpu: '6', memory: '2Gi' } }),
      pod('y', { nodeName: 'b', requests: { cpu: '4', memory: '4Gi' } }),
    ],
    pod: pod('p', { requests: { cpu: '1', memory: '1Gi' } }),
    want: 'b',
  },
  {
    title: 'a preferred label over free room',
    nodes: [node('a', { labels: { disk: 'ssd' } }), node('b')],
    placed: [pod('x', { nodeName: 'a', requests: { cpu: '1', memory: '1Gi' } })],
    pod: pod('p', {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
          ],
        },
      },
    }),
    want: 'a',
  },
  {
    title: 'a node without PreferNoSchedule taint',
    nodes: [node('a', { spec: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] } }), node('b')],
    placed: [pod('x', { nodeName: 'b', requests: { cpu: '2', memory: '4Gi' } })],
    pod: pod('p'),
    want: 'b',
  },
  {
    title: 'the zone of a pod it prefers to be near',
    nodes: [node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } })],
    placed: [pod('x', { nodeName: 'b', labels: { app: 'db' }, requests: { cpu: '1' } })],
    pod: pod('p', { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: weighted({ app: 'db' }) } } }),
    want: 'b',
  },
  {
    title: 'another zone than a pod it prefers to be far from',
    nodes: [node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } })],
    placed: [pod('x', { nodeName: 'a', labels: { app: 'db' } }), pod('y', { nodeName: 'b', requests: { cpu: '1', memory: '1Gi' } })],
    pod: pod('p', { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: weighted({ app: 'db' }) } } }),
    want: 'b',
  },
  {
    title: 'the node that has the image',
    nodes: [node('a'), node('b', { images: [{ names: ['big:1'], sizeBytes: 900_000_000 }] })],
    pod: pod('p', { containers: [{ name: 'c', image: 'big:1' }] }),
    want: 'b',
  },
  {
    title: 'pods of one Service on different nodes by default',
    nodes: [node('a'), node('b')],
    placed: [
      pod('x', { nodeName: 'a', labels: { app: 'web' } }),
      pod('y', { nodeName: 'b', labels: { app: 'other' }, requests: { cpu: '100m' } }),
    ],
    pod: pod('p', { labels: { app: 'web' } }),
    want: 'b',
  },
  {
    title: 'ScheduleAnyway spreads as far as it can',
    nodes: [node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } })],
    placed: [pod('x', { nodeName: 'a', labels: { k: 'v' } }), pod('y', { nodeName: 'b', requests: { cpu: '500m', memory: '1Gi' } })],
    pod: pod('p', {
      labels: { k: 'v' },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { k: 'v' } } },
      ],
    }),
    want: 'b',
  },
];

for (const { title, nodes, placed, pod: target, want } of CASES) {
  test(`runCycle prefers ${title}`, () => assert.equal(outcome(target, state(nodes, placed)), want));
}

test('enoughNodes falls with the size of the cluster but not below 100', () => {
  assert.deepEqual([1, 99, 100, 300, 1000, 5000, 10_000].map(enoughNodes), [1, 99, 100, 144, 420, 500, 500]);
});
