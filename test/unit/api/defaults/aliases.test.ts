// Fields with two names for one thing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignPodAddresses, alignPodRanges, alignServiceAccount } from '../../../../src/api/defaults/aliases.ts';
import type { NodeSpec, PodSpec, PodStatus } from '../../../../src/api/types/core-v1.gen.ts';

const ACCOUNTS: readonly (readonly [given: Partial<PodSpec>, aligned: Partial<PodSpec>])[] = [
  [{}, {}],
  [{ serviceAccountName: 'a' }, { serviceAccountName: 'a', serviceAccount: 'a' }],
  [{ serviceAccount: 'a' }, { serviceAccountName: 'a', serviceAccount: 'a' }],
  [
    { serviceAccountName: 'a', serviceAccount: 'b' },
    { serviceAccountName: 'a', serviceAccount: 'a' },
  ],
];
for (const [given, aligned] of ACCOUNTS)
  test(`alignServiceAccount of ${JSON.stringify(given)}`, () => {
    const spec: PodSpec = { containers: [], ...given };
    alignServiceAccount(spec);
    assert.deepEqual(spec, { containers: [], ...aligned });
  });

const RANGES: readonly (readonly [given: NodeSpec, aligned: NodeSpec])[] = [
  [{}, {}],
  [{ podCIDR: 'a' }, { podCIDR: 'a', podCIDRs: ['a'] }],
  [{ podCIDRs: ['a', 'b'] }, { podCIDR: 'a', podCIDRs: ['a', 'b'] }],
  [
    { podCIDR: 'a', podCIDRs: ['a', 'b'] },
    { podCIDR: 'a', podCIDRs: ['a', 'b'] },
  ],
  [
    { podCIDR: 'c', podCIDRs: ['a', 'b'] },
    { podCIDR: 'c', podCIDRs: ['c'] },
  ],
];
for (const [given, aligned] of RANGES)
  test(`alignPodRanges of ${JSON.stringify(given)}`, () => {
    const spec = structuredClone(given);
    alignPodRanges(spec);
    assert.deepEqual(spec, aligned);
  });

test('alignPodAddresses lets the single address win, and takes it from the list where it is missing', () => {
  const align = (status: PodStatus): PodStatus => {
    alignPodAddresses(status);
    return status;
  };
  assert.deepEqual(align({}), {});
  assert.deepEqual(align({ podIP: 'a', podIPs: [{ ip: 'b' }] }), { podIP: 'a', podIPs: [{ ip: 'a' }] });
  assert.deepEqual(align({ podIPs: [{ ip: 'b' }, { ip: 'c' }] }), { podIP: 'b', podIPs: [{ ip: 'b' }, { ip: 'c' }] });
});
