import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasCode } from '../../../src/base/errors.ts';
import { decodeCri, encodeCri } from '../../../src/cri/codec.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('encodeCri', () => {
  // Vectors worked out by hand from the proto3 wire format.
  const cases: [string, () => Uint8Array, string][] = [
    ['a string', () => encodeCri('VersionRequest', { version: 'v1' }), '0a027631'],
    ['an enum by number, not when zero', () => encodeCri('Mount', { propagation: 'PROPAGATION_HOST_TO_CONTAINER' }), '2801'],
    ['a negative int64 in ten bytes', () => encodeCri('StopContainerRequest', { timeout: -1 }), '10ffffffffffffffffff01'],
    ['a list of int64 packed', () => encodeCri('LinuxContainerSecurityContext', { supplementalGroups: [1, 300] }), '420301ac02'],
    ['a map entry', () => encodeCri('PodSandboxConfig', { labels: { a: 'b' } }), '32060a0161120162'],
    ['a nested message that is empty', () => encodeCri('CreateContainerRequest', { config: {} }), '1200'],
    ['bytes of an environment value', () => encodeCri('KeyValue', { key: 'k', value: new Uint8Array([255]) }), '0a016b1201ff'],
  ];
  for (const [title, encode, want] of cases) {
    it(`writes ${title}`, () => assert.equal(hex(encode()), want));
  }

  it('leaves zero values out', () =>
    assert.equal(hex(encodeCri('Mount', { containerPath: '', readonly: false, propagation: 'PROPAGATION_PRIVATE' })), ''));
  it('refuses an unknown enum value', () => {
    assert.throws(() => encodeCri('Mount', { propagation: 'SIDEWAYS' as 'PROPAGATION_PRIVATE' }), RangeError);
  });
});

describe('decodeCri', () => {
  it('gives back what was encoded', () => {
    const status = {
      id: 'c1',
      metadata: { name: 'web', attempt: 3 },
      state: 'CONTAINER_EXITED',
      createdAt: 1_767_225_600_123_456_789n,
      exitCode: 137,
      labels: { a: '1', __proto__x: '2' },
      mounts: [{ containerPath: '/a', propagation: 'PROPAGATION_BIDIRECTIONAL' }],
    } as const;
    const back = decodeCri('ContainerStatus', encodeCri('ContainerStatus', status));
    assert.equal(back.createdAt, 1_767_225_600_123_456_789n);
    assert.equal(back.state, 'CONTAINER_EXITED');
    assert.deepEqual(back.metadata, { name: 'web', attempt: 3 });
    assert.deepEqual({ ...back.labels }, status.labels);
    assert.equal(back.mounts[0]?.propagation, 'PROPAGATION_BIDIRECTIONAL');
    assert.equal(back.finishedAt, 0n);
    assert.equal(back.reason, '');
    assert.equal(back.image, undefined);
  });

  it('reads scalars packed and unpacked, and skips unknown fields', () => {
    const packed = decodeCri('PortForwardRequest', Buffer.from('1203509003', 'hex'));
    const plain = decodeCri('PortForwardRequest', Buffer.from('10501090037a0161', 'hex'));
    assert.deepEqual(packed.port, [80, 400]);
    assert.deepEqual(plain.port, [80, 400]);
  });

  it('reads an enum number it does not know as the zero value', () => {
    assert.equal(decodeCri('ContainerStateValue', Buffer.from('0863', 'hex')).state, 'CONTAINER_CREATED');
  });

  for (const bytes of ['0a05', '0aff', '20', '18ffffffffffffffffffffff01']) {
    it(`refuses ${bytes}`, () => {
      assert.throws(
        () => decodeCri('ContainerStatus', Buffer.from(bytes, 'hex')),
        (e) => hasCode(e, 'cri-protocol'),
      );
    });
  }
});
