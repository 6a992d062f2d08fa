import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { node, outcome, pod, type Storage, state } from '../../../support/scheduling.ts';

interface Case {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly placed?: readonly Pod[];
  readonly storage?: Storage;
  readonly pod: Pod;
  readonly want: string;
}

const anti = (labels: Record<string, string>, topologyKey = 'kubernetes.io/hostname') => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labels }, topologyKey }] },
});
const near = (labels: Record<string, string>, topologyKey = 'zone') => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labels }, topologyKey }] },
});
const spread = (extra: object = {}) => [
  {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'a' } },
    ...extra,
  },
];
const zoned = (name: string, zone: string, shape: object = {}): Node => node(name, { labels: { zone }, ...shape });
const onNode = (name: string, nodeName: string, shape: object = {}): Pod => pod(name, { nodeName, ...shape });
const claimVolume = (claimName: string) => [{ name: 'v', persistentVolumeClaim: { claimName } }];

const CASES: readonly Case[] = [
  { title: 'no nodes', nodes: [], pod: pod('p'), want: 'no nodes available to schedule pods' },
  {
    title: 'too little CPU',
    nodes: [node('a', { cpu: '1' })],
    placed: [onNode('x', 'a', { requests: { cpu: '600m' } })],
    pod: pod('p', { requests: { cpu: '500m' } }),
    want: '0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    title: 'CPU that just fits',
    nodes: [node('a', { cpu: '1' })],
    placed: [onNode('x', 'a', { requests: { cpu: '600m' } })],
    pod: pod('p', { requests: { cpu: '400m' } }),
    want: 'a',
  },
  {
    title: 'several missing resources of one node',
    nodes: [node('a', { cpu: '1', memory: '1Gi', pods: '0' })],
    pod: pod('p', { requests: { cpu: '2', memory: '2Gi', 'example.com/gpu': '1' } }),
    want: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Insufficient memory, 1 Too many pods.',
  },
  {
    title: 'an extended resource that is there',
    nodes: [node('a'), node('b', { extended: { 'example.com/gpu': '2' } })],
    pod: pod('p', { requests: { 'example.com/gpu': '2' } }),
    want: 'b',
  },
  {
    title: 'init containers count by their peak, sidecars add to it',
    nodes: [node('a', { cpu: '2' })],
    pod: pod('p', {
      requests: { cpu: '1' },
      initContainers: [
        { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '500m' } } },
        { name: 'i', resources: { requests: { cpu: '1600m' } } },
      ],
    }),
    want: '0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    title: 'pod overhead counts',
    nodes: [node('a', { cpu: '1' })],
    pod: pod('p', { requests: { cpu: '900m' }, overhead: { cpu: '200m' } }),
    want: '0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    title: 'pod-level requests replace those of containers',
    nodes: [node('a', { cpu: '1' })],
    pod: pod('p', { requests: { cpu: '100m' }, resources: { requests: { cpu: '2' } } }),
    want: '0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    title: 'selector, taint and cordon together, sorted as text',
    nodes: [
      node('a', { spec: { unschedulable: true } }),
      node('b', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
      node('c'),
    ],
    pod: pod('p', { nodeSelector: { disk: 'ssd' } }),
    want: "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.",
  },
  {
    title: 'a node that does not declare what the pod needs of its kubelet',
    nodes: [node('a')],
    pod: pod('p', {
      containers: [
        {
          name: 'c',
          image: 'c',
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }],
        },
      ],
    }),
    want: "0/1 nodes are available: 1 node(s) didn't match Pod's required features.",
  },
  {
    title: 'a node that declares it',
    nodes: [node('a'), node('b', { features: ['RestartAllContainersOnContainerExits'] })],
    pod: pod('p', {
      initContainers: [
        {
          name: 'c',
          image: 'c',
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }],
        },
      ],
    }),
    want: 'b',
  },
  {
    title: 'a tolerated taint',
    nodes: [node('b', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })],
    pod: pod('p', { tolerations: [{ key: 'k', operator: 'Exists' }] }),
    want: 'b',
  },
  {
    title: 'node affinity operators',
    nodes: [node('a', { labels: { n: '5' } }), node('b', { labels: { n: '10' } })],
    pod: pod('p', {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'n', operator: 'Gt', values: ['7'] }] }],
          },
        },
      },
    }),
    want: 'b',
  },
  {
    title: 'a pod of a DaemonSet is only tried on its node',
    nodes: [node('a', { pods: '0' }), node('b')],
    pod: pod('p', {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
          },
        },
      },
    }),
    want: "0/2 nodes are available: 1 Too many pods, 1 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  },
  {
    title: 'a taken host port',
    nodes: [node('a')],
    placed: [onNode('x', 'a', { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, hostIP: '127.0.0.1' }] }] })],
    pod: pod('p', { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] }),
    want: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  },
  {
    title: 'the same host port of another protocol',
    nodes: [node('a')],
    placed: [onNode('x', 'a', { containers: [{ name: 'c', ports: [{ containerPort: 53, hostPort: 53, protocol: 'UDP' }] }] })],
    pod: pod('p', { containers: [{ name: 'c', ports: [{ containerPort: 53, hostPort: 53, protocol: 'TCP' }] }] }),
    want: 'a',
  },
  {
    title: 'required anti-affinity on the hostname',
    nodes: [node('a')],
    placed: [onNode('x', 'a', { labels: { app: 'a' } })],
    pod: pod('p', { labels: { app: 'a' }, affinity: anti({ app: 'a' }) }),
    want: "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
  },
  {
    title: 'anti-affinity of a pod that is there already',
    nodes: [node('a')],
    placed: [onNode('x', 'a', { labels: { app: 'a' }, affinity: anti({ app: 'p' }) })],
    pod: pod('p', { labels: { app: 'p' } }),
    want: "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
  },
  {
    title: 'anti-affinity in another namespace does not count',
    nodes: [node('a')],
    placed: [onNode('x', 'a', { labels: { app: 'a' }, namespace: 'other' })],
    pod: pod('p', { affinity: anti({ app: 'a' }) }),
    want: 'a',
  },
  {
    title: 'anti-affinity over a whole zone',
    nodes: [zoned('a', '1'), zoned('b', '1'), zoned('c', '2')],
    placed: [onNode('x', 'a', { labels: { app: 'a' } })],
    pod: pod('p', { affinity: anti({ app: 'a' }, 'zone') }),
    want: 'c',
  },
  {
    title: 'affinity to a pod in the zone',
    nodes: [zoned('a', '1', { pods: '1' }), zoned('b', '1'), zoned('c', '2')],
    placed: [onNode('x', 'a', { labels: { app: 'a' } })],
    pod: pod('p', { affinity: near({ app: 'a' }) }),
    want: 'b',
  },
  {
    title: 'affinity to a pod that does not exist',
    nodes: [zoned('a', '1')],
    pod: pod('p', { affinity: near({ app: 'a' }) }),
    want: "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
  },
  {
    title: 'the first pod with affinity to itself',
    nodes: [zoned('a', '1')],
    pod: pod('p', { labels: { app: 'a' }, affinity: near({ app: 'a' }) }),
    want: 'a',
  },
  {
    title: 'namespaceSelector reaches other namespaces',
    nodes: [zoned('a', '1'), zoned('b', '2')],
    placed: [onNode('x', 'b', { labels: { app: 'a' }, namespace: 'other' })],
    pod: pod('p', {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              labelSelector: { matchLabels: { app: 'a' } },
              topologyKey: 'zone',
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
            },
          ],
        },
      },
    }),
    want: 'b',
  },
  {
    title: 'spread goes to the emptier zone',
    nodes: [zoned('a', '1'), zoned('b', '2')],
    placed: [onNode('x', 'a', { labels: { app: 'a' } })],
    pod: pod('p', { labels: { app: 'a' }, topologySpreadConstraints: spread() }),
    want: 'b',
  },
  {
    title: 'spread that cannot be kept',
    nodes: [zoned('a', '1'), zoned('b', '2', { pods: '0' }), node('c')],
    placed: [onNode('x', 'a', { labels: { app: 'a' } })],
    pod: pod('p', { labels: { app: 'a' }, topologySpreadConstraints: spread() }),
    want: "0/3 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label).",
  },
  {
    title: 'fewer domains than minDomains count as an empty one',
    nodes: [zoned('a', '1')],
    placed: [onNode('x', 'a', { labels: { app: 'a' } })],
    pod: pod('p', { labels: { app: 'a' }, topologySpreadConstraints: spread({ minDomains: 2 }) }),
    want: "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.",
  },
  {
    title: 'a claim that does not exist',
    nodes: [node('a')],
    pod: pod('p', { volumes: claimVolume('data') }),
    want: '0/1 nodes are available: persistentvolumeclaim "data" not found.',
  },
  {
    title: 'a claim that is not bound',
    nodes: [node('a')],
    storage: { claims: [{ metadata: { name: 'data', namespace: 'default' }, spec: {} }] },
    pod: pod('p', { volumes: claimVolume('data') }),
    want: '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
  },
  {
    title: 'a bound volume of another node',
    nodes: [node('a')],
    storage: {
      claims: [
        {
          metadata: { name: 'data', namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
          spec: { volumeName: 'pv' },
        },
      ],
      volumes: [
        {
          metadata: { name: 'pv' },
          spec: {
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] }],
              },
            },
          },
        },
      ],
    },
    pod: pod('p', { volumes: claimVolume('data') }),
    want: "0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity.",
  },
  {
    title: 'a claim for one pod that another pod uses',
    nodes: [node('a'), node('b')],
    placed: [onNode('x', 'a', { volumes: claimVolume('data') })],
    storage: {
      claims: [
        { metadata: { name: 'data', namespace: 'default' }, spec: { storageClassName: 'local', accessModes: ['ReadWriteOncePod'] } },
      ],
      classes: [{ metadata: { name: 'local' }, provisioner: 'kts.io/local', volumeBindingMode: 'WaitForFirstConsumer' }],
    },
    pod: pod('p', { volumes: claimVolume('data') }),
    want: '0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
  },
  {
    title: 'a claim that waits for its consumer finds a provisioner',
    nodes: [node('a')],
    storage: {
      claims: [{ metadata: { name: 'data', namespace: 'default' }, spec: { storageClassName: 'local' } }],
      classes: [{ metadata: { name: 'local' }, provisioner: 'kts.io/local', volumeBindingMode: 'WaitForFirstConsumer' }],
    },
    pod: pod('p', { volumes: claimVolume('data') }),
    want: 'a',
  },
];

for (const { title, nodes, placed, storage, pod: target, want } of CASES) {
  test(`runCycle filters: ${title}`, () => assert.equal(outcome(target, state(nodes, placed, storage)), want));
}
