// Tables against what kubectl users know: a case per rule of the cells.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cell, tableCells, tableColumns, tableRowConditions } from '../../../../src/api/columns/columns.ts';
import { humanDuration } from '../../../../src/api/columns/format.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { BUILTIN_RESOURCES } from '../../../../src/api/resources.ts';

const NOW = Date.parse('2026-01-10T12:00:00Z');
const META = { name: 'x', namespace: 'ns', creationTimestamp: '2026-01-10T11:55:00Z' };
const PODS = { group: '', resource: 'pods' };

/** Cells by column name. */
function row(resource: { group: string; resource: string }, object: object): Record<string, Cell> {
  const cells = tableCells(resource, object as KubeObject, NOW);
  return Object.fromEntries(tableColumns(resource).map(({ name }, at) => [name, cells[at] ?? '']));
}

describe('humanDuration', () => {
  const S = 1;
  const M = 60 * S;
  const H = 60 * M;
  const D = 24 * H;
  const cases: [number, string][] = [
    [-5, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [2 * M, '2m'],
    [3 * M + 5, '3m5s'],
    [10 * M + 5, '10m'],
    [179 * M, '179m'],
    [3 * H, '3h'],
    [7 * H + 59 * M, '7h59m'],
    [47 * H, '47h'],
    [2 * D, '2d'],
    [2 * D + 3 * H, '2d3h'],
    [8 * D + 3 * H, '8d'],
    [729 * D, '729d'],
    [730 * D, '2y'],
    [740 * D, '2y10d'],
    [3000 * D, '8y'],
  ];
  for (const [seconds, text] of cases) test(`gives ${text}`, () => assert.equal(humanDuration(seconds * 1000), text));
});

describe('tableCells', () => {
  const running = { name: 'a', ready: true, restartCount: 0, state: { running: {} } };
  const pods: [string, object, { Ready: string; Status: string; Restarts: string }][] = [
    [
      'a pod that runs',
      { spec: { containers: [{}] }, status: { phase: 'Running', containerStatuses: [running] } },
      { Ready: '1/1', Status: 'Running', Restarts: '0' },
    ],
    ['a pending pod', { spec: { containers: [{}, {}] }, status: { phase: 'Pending' } }, { Ready: '0/2', Status: 'Pending', Restarts: '0' }],
    [
      'a crashing container with the age of its last restart',
      {
        spec: { containers: [{}] },
        status: {
          phase: 'Running',
          containerStatuses: [
            {
              name: 'a',
              restartCount: 4,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { finishedAt: '2026-01-10T11:59:00Z' } },
            },
          ],
        },
      },
      { Ready: '0/1', Status: 'CrashLoopBackOff', Restarts: '4 (60s ago)' },
    ],
    [
      'an init container that runs',
      {
        spec: { containers: [{}], initContainers: [{ name: 'i' }, { name: 'j' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'i', restartCount: 0, state: { terminated: { exitCode: 0 } } },
            { name: 'j', restartCount: 0, state: { running: {} } },
          ],
        },
      },
      { Ready: '0/1', Status: 'Init:1/2', Restarts: '0' },
    ],
    [
      'an init container that failed',
      {
        spec: { containers: [{}], initContainers: [{ name: 'i' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [{ name: 'i', restartCount: 1, state: { terminated: { exitCode: 3, reason: 'Error' } } }],
        },
      },
      { Ready: '0/1', Status: 'Init:Error', Restarts: '1' },
    ],
    [
      'a sidecar that counts as a container',
      {
        spec: { containers: [{}], initContainers: [{ name: 's', restartPolicy: 'Always' }] },
        status: {
          phase: 'Running',
          initContainerStatuses: [{ name: 's', started: true, ready: true, restartCount: 2, state: { running: {} } }],
          containerStatuses: [running],
        },
      },
      { Ready: '2/2', Status: 'Running', Restarts: '2' },
    ],
    [
      'one container done, one still running',
      {
        spec: { containers: [{}, {}] },
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False' }],
          containerStatuses: [{ name: 'b', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }, running],
        },
      },
      { Ready: '1/2', Status: 'NotReady', Restarts: '0' },
    ],
    [
      'a pod that is going',
      {
        metadata: { ...META, deletionTimestamp: '2026-01-10T12:00:00Z' },
        spec: { containers: [{}] },
        status: { phase: 'Running', containerStatuses: [running] },
      },
      { Ready: '1/1', Status: 'Terminating', Restarts: '0' },
    ],
    [
      'a pod behind scheduling gates',
      {
        spec: { containers: [{}] },
        status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
      },
      { Ready: '0/1', Status: 'SchedulingGated', Restarts: '0' },
    ],
  ];
  for (const [title, pod, expected] of pods) {
    test(`shows ${title}`, () => {
      const { Ready, Status, Restarts } = row(PODS, { metadata: META, ...pod });
      assert.deepEqual({ Ready, Status, Restarts }, expected);
    });
  }

  const rows: [string, { group: string; resource: string }, object, Record<string, Cell>][] = [
    [
      'a cordoned node',
      { group: '', resource: 'nodes' },
      {
        metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/control-plane': 'true' } },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '10.0.0.5' }],
          nodeInfo: {
            kubeletVersion: 'v1.36.3+kts1',
            osImage: 'Debian',
            kernelVersion: '6.1',
            containerRuntimeVersion: 'containerd://1.6',
          },
        },
      },
      {
        Status: 'Ready,SchedulingDisabled',
        Roles: 'control-plane',
        Version: 'v1.36.3+kts1',
        'Internal-IP': '10.0.0.5',
        'External-IP': '<none>',
      },
    ],
    [
      'a NodePort Service',
      { group: '', resource: 'services' },
      {
        metadata: META,
        spec: {
          type: 'NodePort',
          clusterIP: '10.43.0.7',
          ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
          selector: { b: '2', a: '1' },
        },
      },
      { Type: 'NodePort', 'Cluster-IP': '10.43.0.7', 'External-IP': '<none>', 'Port(s)': '80:30080/TCP', Selector: 'a=1,b=2', Age: '5m' },
    ],
    [
      'a LoadBalancer that waits',
      { group: '', resource: 'services' },
      { metadata: META, spec: { type: 'LoadBalancer', clusterIP: '10.43.0.8', ports: [{ port: 53, protocol: 'UDP' }] } },
      { 'External-IP': '<pending>', 'Port(s)': '53/UDP', Selector: '<none>' },
    ],
    [
      'many endpoints',
      { group: '', resource: 'endpoints' },
      { metadata: META, subsets: [{ addresses: [1, 2, 3, 4, 5].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }] },
      { Endpoints: '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...' },
    ],
    [
      'a Deployment',
      { group: 'apps', resource: 'deployments' },
      {
        metadata: META,
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'web' } },
          template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } },
        },
        status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
      },
      { Ready: '2/3', 'Up-to-date': '3', Available: '2', Containers: 'web', Images: 'web:1', Selector: 'app=web' },
    ],
    [
      'a claim',
      { group: '', resource: 'persistentvolumeclaims' },
      {
        metadata: META,
        spec: { volumeName: 'pv1', accessModes: ['ReadWriteOnce'], storageClassName: 'local' },
        status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
      },
      { Status: 'Bound', Volume: 'pv1', Capacity: '1Gi', 'Access Modes': 'RWO', StorageClass: 'local', VolumeAttributesClass: '<unset>' },
    ],
    [
      'an event',
      { group: '', resource: 'events' },
      {
        metadata: META,
        type: 'Warning',
        reason: 'BackOff',
        message: 'again\n',
        involvedObject: { kind: 'Pod', name: 'web' },
        lastTimestamp: '2026-01-10T11:59:30Z',
        firstTimestamp: '2026-01-10T11:58:00Z',
        count: 3,
        source: { component: 'kubelet', host: 'n1' },
      },
      { 'Last Seen': '30s', Object: 'pod/web', Message: 'again', Source: 'kubelet, n1', Count: '3', 'First Seen': '2m' },
    ],
    [
      'a finished Job',
      { group: 'batch', resource: 'jobs' },
      {
        metadata: META,
        spec: { completions: 1, template: {} },
        status: {
          succeeded: 1,
          conditions: [{ type: 'Complete', status: 'True' }],
          startTime: '2026-01-10T11:55:00Z',
          completionTime: '2026-01-10T11:55:09Z',
        },
      },
      { Status: 'Complete', Completions: '1/1', Duration: '9s' },
    ],
    [
      'a signing request',
      { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' },
      {
        metadata: META,
        spec: { signerName: 's', username: 'u' },
        status: { certificate: 'AA==', conditions: [{ type: 'Approved', status: 'True' }] },
      },
      { Condition: 'Approved,Issued', Requestor: 'u' },
    ],
  ];
  for (const [title, resource, object, expected] of rows) {
    test(`shows ${title}`, () => {
      const all = row(resource, object);
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]])), expected);
    });
  }

  test('makes as many cells as there are columns, for every resource, even of an object with nothing in it', () => {
    for (const resource of BUILTIN_RESOURCES.filter((r) => !r.virtual)) {
      const template = { metadata: {}, spec: { containers: [] } };
      const spec = {
        containers: [],
        limits: [],
        drivers: [],
        ports: [],
        selector: {},
        template,
        jobTemplate: { spec: { template } },
        scaleTargetRef: {},
        source: {},
        pool: {},
        priorityLevelConfiguration: {},
      };
      const object = { metadata: {}, spec, roleRef: {}, involvedObject: {}, endpoints: [] } as unknown as KubeObject;
      assert.equal(tableCells(resource, object, NOW).length, tableColumns(resource).length, resource.resource);
    }
  });
});

test('tableRowConditions marks pods that are done', () => {
  const of = (phase: string): (string | undefined)[] =>
    tableRowConditions(PODS, { metadata: {}, status: { phase } } as KubeObject).map((c) => c.reason);
  assert.deepEqual([of('Succeeded'), of('Failed'), of('Running')], [['Succeeded'], ['Failed'], []]);
});

describe('cells of data', () => {
  test('tableCells counts keys as numbers', () => {
    assert.equal(row({ group: '', resource: 'configmaps' }, { metadata: META, data: { a: '' }, binaryData: { b: '' } })['Data'], 2);
    assert.equal(row({ group: '', resource: 'secrets' }, { metadata: META })['Data'], 0);
    assert.equal(row({ group: 'apps', resource: 'controllerrevisions' }, { metadata: META, revision: 3 })['Revision'], 3);
  });

  test('tableColumns shows no secrets of service accounts, and of storage capacities the plain columns', () => {
    const names = (group: string, resource: string) => tableColumns({ group, resource }).map(({ name }) => name);
    assert.deepEqual(names('', 'serviceaccounts'), ['Name', 'Age']);
    assert.deepEqual(names('storage.k8s.io', 'csistoragecapacities'), ['Name', 'Created At']);
  });

  test('tableCells shows a quota by its status alone', () => {
    const quota = { metadata: META, spec: { hard: { pods: '1' } } };
    assert.equal(row({ group: '', resource: 'resourcequotas' }, quota)['Request'], '');
    const status = { hard: { pods: '1', 'limits.cpu': '2' }, used: { pods: '1' } };
    assert.equal(row({ group: '', resource: 'resourcequotas' }, { ...quota, status })['Request'], 'pods: 1/1');
  });
});
