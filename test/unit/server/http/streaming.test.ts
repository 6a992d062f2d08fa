import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import type * as core from '../../../../src/api/types/core-v1.gen.ts';
import { kubeletUrl } from '../../../../src/server/http/streaming/kubelet-access.ts';
import {
  checkRunning,
  chooseContainer,
  kubeletFailure,
  kubeletQuery,
  remoteStreams,
} from '../../../../src/server/http/streaming/pod-target.ts';
import { parseProxyName, podBase, serviceBase } from '../../../../src/server/http/streaming/proxy-target.ts';

const container = (name: string, port?: number): core.Container => ({ name, ...(port && { ports: [{ containerPort: port }] }) });
const pod = (spec: Partial<core.PodSpec>, status: core.PodStatus = {}): core.Pod => ({
  metadata: { name: 'web' },
  spec: { containers: [container('a')], ...spec },
  status,
});
const badRequest = (text: string) => (error: unknown) => error instanceof StatusError && error.code === 400 && error.message === text;

test('chooseContainer takes the only one, the named one, and asks where it cannot know', () => {
  assert.equal(chooseContainer(pod({}), ''), 'a');
  assert.equal(chooseContainer(pod({ initContainers: [container('i')] }), 'i'), 'i');
  const two = pod({ containers: [container('a'), container('b')], initContainers: [container('i')] });
  assert.throws(
    () => chooseContainer(two, ''),
    badRequest('a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]'),
  );
  assert.throws(() => chooseContainer(two, 'x'), badRequest('container x is not valid for pod web'));
});

test('remoteStreams reads what is asked, and a terminal has no stderr', () => {
  const streams = remoteStreams(new URLSearchParams('stdin=true&stdout=1&stderr=true&tty=true'));
  assert.deepEqual(streams, { stdin: true, stdout: true, stderr: false, tty: true });
  assert.equal(kubeletQuery(streams, ['sh', '-c', 'echo a&b']), 'input=1&output=1&tty=1&command=sh&command=-c&command=echo+a%26b');
  assert.throws(() => remoteStreams(new URLSearchParams('tty=true')), badRequest('you must specify at least 1 of stdin, stdout, stderr'));
});

test('checkRunning refuses pods that have ended or have no node', () => {
  assert.throws(
    () => checkRunning(pod({ nodeName: 'n' }, { phase: 'Succeeded' }), 'exec into'),
    badRequest('cannot exec into a container in a completed pod; current phase is Succeeded'),
  );
  assert.throws(() => checkRunning(pod({}), 'exec into'), badRequest('pod web does not have a host assigned'));
  checkRunning(pod({ nodeName: 'n' }, { phase: 'Running' }), 'exec into');
});

test('kubeletFailure hands on what the kubelet said', () => {
  const waiting = kubeletFailure(400, 'container "a" in pod "web" is waiting to start: ContainerCreating');
  assert.deepEqual(
    [waiting.code, waiting.reason, waiting.message],
    [400, 'BadRequest', 'container "a" in pod "web" is waiting to start: ContainerCreating'],
  );
  assert.deepEqual([kubeletFailure(500, 'x').code, kubeletFailure(500, 'x').message], [500, 'Internal error occurred: x']);
  assert.equal(kubeletFailure(503, 'x').reason, 'ServiceUnavailable');
});

test('kubeletUrl prefers the internal address and the port the node tells', () => {
  const node = (addresses: core.NodeAddress[], port?: number): core.Node => ({
    metadata: { name: 'n' },
    spec: {},
    status: { addresses, ...(port && { daemonEndpoints: { kubeletEndpoint: { Port: port } } }) },
  });
  const access = { tls: () => ({}) };
  const both = [
    { type: 'Hostname', address: 'n' },
    { type: 'InternalIP', address: '10.0.0.2' },
  ];
  assert.equal(kubeletUrl(node(both), access), 'https://10.0.0.2:10250');
  assert.equal(kubeletUrl(node([{ type: 'InternalIP', address: 'fd00::2' }], 1234), access), 'https://[fd00::2]:1234');
  assert.equal(kubeletUrl(node(both), { ...access, url: () => 'https://127.0.0.1:5' }), 'https://127.0.0.1:5');
  assert.throws(() => kubeletUrl(node([]), access), StatusError);
});

test('parseProxyName splits scheme, name and port', () => {
  assert.deepEqual(parseProxyName('web'), { scheme: 'http', name: 'web', port: '' });
  assert.deepEqual(parseProxyName('web:80'), { scheme: 'http', name: 'web', port: '80' });
  assert.deepEqual(parseProxyName('https:web:'), { scheme: 'https', name: 'web', port: '' });
  for (const bad of ['a:b:c', 'ftp:web:80', 'a:b:c:d']) assert.throws(() => parseProxyName(bad), StatusError);
});

test('podBase uses the first port the pod names', () => {
  assert.equal(
    podBase(pod({ containers: [container('a', 8080)] }, { podIP: '10.42.0.5' }), parseProxyName('web')),
    'http://10.42.0.5:8080',
  );
  assert.equal(podBase(pod({}, { podIP: 'fd00::5' }), parseProxyName('https:web:9')), 'https://[fd00::5]:9');
  assert.throws(() => podBase(pod({}), parseProxyName('web')), StatusError);
});

test('podBase refuses addresses that are this machine, its link or many machines, and ports that are none', () => {
  const forbidden = ['127.0.0.1', '127.9.9.9', '0.0.0.0', '169.254.169.254', '224.0.0.1', '239.1.2.3', '255.255.255.255', '::1', '::'];
  for (const podIP of [...forbidden, 'fe80::1', 'fe80::1%eth0', 'ff02::1', 'ff0e::1', '::ffff:127.0.0.1', 'localhost', '10.1', ''])
    assert.throws(() => podBase(pod({}, { podIP }), parseProxyName('web:80')), badRequest('address not allowed'), podIP);
  assert.equal(podBase(pod({}, { podIPs: [{ ip: '10.42.0.7' }] }), parseProxyName('web')), 'http://10.42.0.7:80');
  for (const port of ['x@127.0.0.1', 'http', '80/', '70000'])
    assert.throws(
      () => podBase(pod({}, { podIP: '10.42.0.5' }), parseProxyName(`web:${port}`)),
      /error trying to reach service: dial tcp/,
      port,
    );
});

test('serviceBase picks among the endpoints of the wished port', () => {
  const service: core.Service = {
    metadata: { name: 's', namespace: 'shop' },
    spec: {
      ports: [
        { name: 'http', port: 80 },
        { name: 'metrics', port: 90 },
      ],
    },
  };
  const address = (ip: string, name: string) => ({ ip, targetRef: { kind: 'Pod', name, namespace: 'shop' } });
  const statuses: Record<string, core.PodStatus> = { a: { podIP: '10.42.0.5' }, b: { podIPs: [{ ip: '10.42.0.6' }] } };
  const podNamed = (name: string) => pod({}, statuses[name]);
  const endpoints: core.Endpoints = {
    metadata: {},
    subsets: [
      {
        addresses: [address('10.42.0.5', 'a'), address('10.42.0.6', 'b'), address('10.42.0.9', 'b'), { ip: '10.42.0.5' }],
        ports: [
          { name: 'http', port: 8080 },
          { name: 'metrics', port: 9090 },
        ],
      },
    ],
  };
  const base = (name: string, pick = 0): string =>
    serviceBase(service, { endpoints, wish: parseProxyName(name), pick: () => pick, pod: podNamed });
  assert.equal(base('s:http'), 'http://10.42.0.5:8080');
  assert.equal(base('s:80', 1), 'http://10.42.0.6:8080');
  assert.equal(base('https:s:metrics'), 'https://10.42.0.5:9090');
  // Endpoints that are no pod's are passed over; a pod that says it is here is not believed.
  assert.deepEqual([base('s:http', 2), base('s:http', 3)], ['http://10.42.0.5:8080', 'http://10.42.0.5:8080']);
  statuses['a'] = { podIP: '10.42.0.77' };
  assert.equal(base('s:http'), 'http://10.42.0.6:8080');
  statuses['b'] = {};
  assert.throws(() => base('s:http'), /no endpoints available for service "s:http"/);
  const looped = { metadata: {}, subsets: [{ addresses: [address('127.0.0.1', 'c')], ports: [{ name: 'http', port: 6443 }] }] };
  const way = { endpoints: looped, wish: parseProxyName('https:s:http'), pick: () => 0, pod: () => pod({}, { podIP: '127.0.0.1' }) };
  assert.throws(() => serviceBase(service, way), badRequest('address not allowed'));
  assert.throws(() => base('s:nope'), /no endpoints available for service "s:nope"/);
  assert.throws(
    () => serviceBase(service, { endpoints: undefined, wish: parseProxyName('s:http'), pick: () => 0, pod: podNamed }),
    /^StatusError: endpoints "s" not found$/,
  );
});
