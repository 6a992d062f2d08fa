import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerNamed, podFieldText, resourceFieldText } from '../../../../../src/agent/kubelet/volumes/downward-api.ts';
import { memoryVolumeBytes } from '../../../../../src/agent/kubelet/volumes/empty-dir.ts';
import { mountPoints } from '../../../../../src/agent/kubelet/volumes/mounter.ts';
import { itemsPayload } from '../../../../../src/agent/kubelet/volumes/payload.ts';
import type { Pod } from '../../../../../src/api/types/core-v1.gen.ts';

const pod: Pod = {
  metadata: { name: 'web', namespace: 'shop', uid: 'u1', labels: { tier: 'front', app: 'a"b' }, annotations: { note: 'two\nlines' } },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'main', resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { memory: '32Mi' } } }],
    initContainers: [{ name: 'init' }],
  },
};

test('podFieldText gives the text of a field', () => {
  const cases: [string, string | undefined][] = [
    ['metadata.name', 'web'],
    ['metadata.namespace', 'shop'],
    ['metadata.uid', 'u1'],
    ['metadata.labels', 'app="a\\"b"\ntier="front"'],
    ['metadata.annotations', 'note="two\\nlines"'],
    ["metadata.labels['tier']", 'front'],
    ["metadata.labels['none']", ''],
    ['spec.nodeName', 'n1'],
    ['status.phase', undefined],
  ];
  for (const [path, expected] of cases) assert.equal(podFieldText(pod, path), expected, path);
});

test('resourceFieldText rounds up to the divisor and falls back to the node', () => {
  const allocatable = { cpu: '4', memory: '8Gi' };
  const cases: [string, string, string | undefined, string][] = [
    ['main', 'limits.cpu', undefined, '2'],
    ['main', 'limits.cpu', '1m', '1500'],
    ['main', 'limits.memory', '1Mi', '64'],
    ['main', 'limits.memory', undefined, '67108864'],
    ['main', 'requests.memory', '1Ki', '32768'],
    ['main', 'requests.cpu', undefined, '0'],
    ['init', 'limits.cpu', undefined, '4'],
    ['init', 'limits.memory', '1Gi', '8'],
  ];
  for (const [name, resource, divisor, expected] of cases) {
    const text = resourceFieldText(containerNamed(pod, name), { resource, ...(divisor && { divisor }) }, allocatable);
    assert.equal(text, expected, `${name} ${resource} ${divisor}`);
  }
  assert.throws(() => containerNamed(pod, 'other'), { code: 'volume-invalid' });
});

test('memoryVolumeBytes is the least of the limits', () => {
  assert.equal(memoryVolumeBytes(pod, undefined, {}), 64 << 20);
  assert.equal(memoryVolumeBytes(pod, '16Mi', { memory: '8Gi' }), 16 << 20);
  const unlimited: Pod = { metadata: {}, spec: { containers: [{ name: 'a' }] } };
  assert.equal(memoryVolumeBytes(unlimited, undefined, { memory: '1Gi' }), 1 << 30);
  assert.equal(memoryVolumeBytes(unlimited, undefined, {}), 0);
});

test('itemsPayload takes all keys, or those that are named', () => {
  const data = new Map([
    ['a', Buffer.from('1')],
    ['b', Buffer.from('2')],
  ]);
  const options = { defaultMode: 0o644 };
  assert.deepEqual([...itemsPayload(data, 'ConfigMap', options).keys()], ['a', 'b']);
  const named = itemsPayload(data, 'Secret', { ...options, items: [{ key: 'b', path: 'x/y', mode: 0o400 }] });
  assert.deepEqual([...named], [['x/y', { bytes: Buffer.from('2'), mode: 0o400 }]]);
  const items = [{ key: 'none', path: 'x' }];
  assert.throws(
    () => itemsPayload(data, 'ConfigMap', { ...options, items }),
    /^KtsError: configmap references non-existent config key: none$/,
  );
  assert.throws(() => itemsPayload(data, 'Secret', { ...options, items }), /^KtsError: references non-existent secret key: none$/);
  assert.equal(itemsPayload(data, 'Secret', { ...options, items, optional: true }).size, 0);
});

test('mountPoints reads mountinfo and its escapes', () => {
  const text = '22 1 0:21 / /sys rw,nosuid - sysfs sysfs rw\n23 1 0:5 / /a\\040b/c rw shared:1 - tmpfs tmpfs rw\n';
  assert.deepEqual(mountPoints(text), ['/sys', '/a b/c']);
});
