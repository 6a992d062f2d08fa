import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatError, formatResult, parseCniRequest } from '../../../src/cni/cni.ts';
import { CNI_CODES, cniCodeOf, cniError } from '../../../src/cni/errors.ts';

const ENV = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'abc', CNI_NETNS: '/run/netns/x', CNI_IFNAME: 'eth0' };
const CONF = { cniVersion: '1.0.0', name: 'kts', type: 'kts' };

suite('parseCniRequest', () => {
  test('reads what an ADD says', () => {
    const runtimeConfig = {
      portMappings: [
        { hostPort: 80, containerPort: 8080, protocol: 'TCP', hostIP: '127.0.0.1' },
        { hostPort: 0, containerPort: 1 },
      ],
    };
    const request = parseCniRequest(ENV, JSON.stringify({ ...CONF, runtimeConfig }));
    assert.deepEqual(request, {
      command: 'ADD',
      containerId: 'abc',
      ifName: 'eth0',
      netns: '/run/netns/x',
      cniVersion: '1.0.0',
      network: 'kts',
      type: 'kts',
      portMappings: [{ hostPort: 80, containerPort: 8080, protocol: 'tcp', hostIp: '127.0.0.1' }],
      validAttachments: [],
    });
  });

  test('reads port mappings as containerd spells them', () => {
    const runtimeConfig = { portMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'udp', HostIP: '' }] };
    assert.deepEqual(parseCniRequest(ENV, JSON.stringify({ ...CONF, runtimeConfig })).portMappings, [
      { hostPort: 8080, containerPort: 80, protocol: 'udp', hostIp: '' },
    ]);
  });

  test('allows a DEL without a namespace', () => {
    const { CNI_NETNS: _, ...env } = { ...ENV, CNI_COMMAND: 'DEL' };
    assert.equal(parseCniRequest(env, JSON.stringify(CONF)).netns, '');
  });

  const bad: [string, object, string, number][] = [
    ['no command', {}, '{}', 4],
    ['an unknown command', { ...ENV, CNI_COMMAND: 'FROB' }, JSON.stringify(CONF), 4],
    ['a container id with a slash', { ...ENV, CNI_CONTAINERID: 'a/b' }, JSON.stringify(CONF), 4],
    ['no container id', { ...ENV, CNI_CONTAINERID: '' }, JSON.stringify(CONF), 4],
    ['an interface name that is too long', { ...ENV, CNI_IFNAME: 'x'.repeat(16) }, JSON.stringify(CONF), 4],
    ['a namespace that would break the batch line', { ...ENV, CNI_NETNS: '/run/x y' }, JSON.stringify(CONF), 4],
    ['a namespace with a newline', { ...ENV, CNI_NETNS: '/run/x\nlink' }, JSON.stringify(CONF), 4],
    ['an ADD without a namespace', { ...ENV, CNI_NETNS: '' }, JSON.stringify(CONF), 4],
    ['what is not JSON', ENV, '{', 6],
    ['a version that is not spoken', ENV, '{"cniVersion":"9.0.0"}', 1],
    ['a port out of range', ENV, JSON.stringify({ ...CONF, runtimeConfig: { portMappings: [{ hostPort: 70000, containerPort: 1 }] } }), 7],
  ];
  for (const [title, env, stdin, code] of bad) {
    test(`refuses ${title} with code ${code}`, () => {
      assert.throws(
        () => parseCniRequest({ ...env }, stdin),
        (error) => cniCodeOf(error) === code,
      );
    });
  }
});

suite('formatResult', () => {
  const result = {
    interfaces: [{ name: 'eth0', mac: '0a:58:0a:2a:00:05', sandbox: '/run/netns/x' }],
    ips: [{ address: '10.42.0.5/24', gateway: '10.42.0.1', interface: 0 }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.42.0.1' }],
  };
  test('tells the address family in versions before 1.0.0 only', () => {
    assert.equal(JSON.parse(formatResult('0.4.0', result)).ips[0].version, '4');
    assert.equal(JSON.parse(formatResult('1.0.0', result)).ips[0].version, undefined);
  });
});

suite('formatError', () => {
  test('carries code, message and the cause as details', () => {
    assert.deepEqual(JSON.parse(formatError('1.0.0', cniError('cni-no-address', 'full', new RangeError('why')))), {
      cniVersion: '1.0.0',
      code: CNI_CODES['cni-no-address'],
      msg: 'full',
      details: 'why',
    });
  });
  test('gives what is no CNI failure a code of its own', () => {
    assert.equal(JSON.parse(formatError('1.0.0', new RangeError('x'))).code, CNI_CODES['cni-internal']);
  });
});
