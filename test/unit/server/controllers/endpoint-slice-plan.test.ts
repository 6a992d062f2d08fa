import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../../src/api/types/discovery-v1.gen.ts';
import { type DesiredSlices, planSlices } from '../../../../src/server/controllers/endpoint-slice-plan.ts';

type Slice = EndpointSlice & KubeObject;
const metadata = { generateName: 'web-', namespace: 'ns', labels: { a: 'b' } };
const http: EndpointPort[] = [{ name: 'http', protocol: 'TCP', port: 80 }];
const endpoint = (n: number, ready = true): Endpoint => ({ addresses: [`10.0.${n >> 8}.${n & 255}`], conditions: { ready } });
const range = (from: number, to: number): Endpoint[] => Array.from({ length: to - from }, (_, n) => endpoint(from + n));
const slice = (name: string, endpoints: Endpoint[], ports = http): Slice => ({
  metadata: { name, namespace: 'ns', labels: { a: 'b' } },
  addressType: 'IPv4',
  endpoints,
  ports,
});
const desired = (endpoints: Endpoint[], ports = http): DesiredSlices => ({
  groups: [{ addressType: 'IPv4', ports, endpoints }],
  placeholders: ['IPv4'],
  metadata,
});

/** The plan in short: `create 100`, `update a 99`, `delete b`. */
function brief(want: DesiredSlices, existing: Slice[]): string[] {
  const plan = planSlices(want, existing);
  return [
    ...plan.create.map((s) => `create ${s.endpoints?.length}`),
    ...plan.update.map((s) => `update ${s.metadata.name} ${s.endpoints?.length}`),
    ...plan.delete.map((s) => `delete ${s.metadata.name}`),
  ];
}

describe('planSlices', () => {
  const cases: [string, DesiredSlices, Slice[], string[]][] = [
    ['new endpoints fill slices of a hundred', desired(range(0, 250)), [], ['create 100', 'create 100', 'create 50']],
    ['what is there stays untouched', desired(range(0, 3)), [slice('a', range(0, 3))], []],
    [
      'the order of ports does not matter',
      desired(range(0, 1), [...http, { name: 'x', port: 1 }]),
      [slice('a', range(0, 1), [{ name: 'x', port: 1 }, ...http])],
      [],
    ],
    [
      'a changed condition updates its slice only',
      desired([endpoint(0), endpoint(1, false)]),
      [slice('a', [endpoint(0)]), slice('b', [endpoint(1)])],
      ['update b 1'],
    ],
    ['a removed endpoint leaves its slice', desired(range(0, 2)), [slice('a', range(0, 3))], ['update a 2']],
    ['a slice without endpoints goes', desired(range(0, 2)), [slice('a', range(0, 2)), slice('b', range(5, 6))], ['delete b']],
    [
      'a new endpoint goes to a slice that changes anyway',
      desired([...range(0, 50), endpoint(200), ...range(101, 150)]),
      [slice('a', range(0, 50)), slice('b', range(100, 150))],
      ['update b 50'],
    ],
    [
      'else to the fullest slice with room for all',
      desired([...range(0, 90), ...range(100, 150), ...range(200, 205)]),
      [slice('a', range(0, 90)), slice('b', range(100, 150))],
      ['update a 95'],
    ],
    [
      'else to a new slice, so that full ones stay',
      desired([...range(0, 98), ...range(200, 205)]),
      [slice('a', range(0, 98))],
      ['create 5'],
    ],
    [
      'other ports make other slices',
      desired(range(0, 1), [{ name: 'http', port: 81 }]),
      [slice('a', range(0, 1))],
      ['create 1', 'delete a'],
    ],
    ['no endpoints leave one empty slice', desired([]), [], ['create 0']],
    ['an empty slice stays the only one', desired([]), [slice('a', [], []), slice('b', [], [])], ['delete b']],
    [
      'the last endpoints of a slice with ports give way to the empty one',
      desired([]),
      [slice('a', range(0, 1))],
      ['create 0', 'delete a'],
    ],
    ['endpoints replace the empty slice', desired(range(0, 1)), [slice('a', [], [])], ['create 1', 'delete a']],
    [
      'an endpoint that is in two slices leaves one',
      desired(range(0, 1)),
      [slice('a', range(0, 1)), slice('b', range(0, 1))],
      ['delete b'],
    ],
    ['an address type that is no longer wanted goes', { groups: [], placeholders: [], metadata }, [slice('a', range(0, 1))], ['delete a']],
  ];
  for (const [title, want, existing, expected] of cases) {
    it(title, () => {
      assert.deepEqual(brief(want, existing), expected);
    });
  }

  it('brings labels and annotations up to date and keeps annotations of others', () => {
    const old = slice('a', range(0, 1));
    const marked = { ...old, metadata: { ...old.metadata, labels: { a: 'old' }, annotations: { theirs: '1' } } };
    const [updated] = planSlices({ ...desired(range(0, 1)), metadata: { ...metadata, annotations: { ours: '2' } } }, [marked]).update;
    assert.deepEqual(updated?.metadata.labels, { a: 'b' });
    assert.deepEqual(updated?.metadata.annotations, { theirs: '1', ours: '2' });
    assert.equal(updated?.metadata.name, 'a');
  });

  it('changes nothing on its own result', () => {
    const want = desired(range(0, 130));
    const made = planSlices(want, []).create.map((s, n) => ({ ...s, metadata: { ...s.metadata, name: `s${n}` } }));
    assert.deepEqual(brief(want, made), []);
  });
});
