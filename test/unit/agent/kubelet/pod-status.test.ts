import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObservedPod } from '../../../../src/agent/kubelet/observed-pod.ts';
import { podStatus, type StatusFacts } from '../../../../src/agent/kubelet/pod-status.ts';
import { statusPatch } from '../../../../src/agent/kubelet/status-patch.ts';
import type { PodSpec, PodStatus } from '../../../../src/api/types/core-v1.gen.ts';
import { exited, observed, pod, run, sandbox, T0 } from './pod-world.ts';

const AT = '2026-01-01T00:00:00Z';
const BACKOFF = { reason: 'CrashLoopBackOff', message: 'back-off 10s …' };

function facts(more: Partial<StatusFacts> = {}): StatusFacts {
  return { nowMs: T0, startTimeMs: T0, hostIPs: ['192.0.2.1'], waiting: new Map(), probe: () => undefined, terminal: false, ...more };
}

/** Phase, state of the first container in words, ready. */
function words(status: PodStatus): string {
  const first = status.containerStatuses?.[0];
  const { waiting, running, terminated } = first?.state ?? {};
  const state = waiting?.reason ?? (running ? 'running' : terminated?.reason);
  return `${status.phase} ${state} ${first?.ready ? 'ready' : 'unready'} restarts=${first?.restartCount} last=${first?.lastState?.terminated?.reason ?? '-'}`;
}

const i = { initContainers: [{ name: 'i', image: 'i' }] };
const side = { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always' }] };
const cases: [string, Partial<PodSpec>, ObservedPod, Partial<StatusFacts>, string][] = [
  ['nothing yet', {}, observed([], []), {}, 'Pending ContainerCreating unready restarts=0 last=-'],
  ['init containers first', i, observed([run('i')]), {}, 'Pending PodInitializing unready restarts=0 last=-'],
  [
    'an init container that fails',
    { ...i, restartPolicy: 'Never' },
    observed([exited('i', 1)]),
    {},
    'Failed PodInitializing unready restarts=0 last=-',
  ],
  [
    'an init container that fails and will run again',
    i,
    observed([exited('i', 1)]),
    {},
    'Pending PodInitializing unready restarts=0 last=-',
  ],
  ['a container that runs', {}, observed([run('a')]), {}, 'Running running ready restarts=0 last=-'],
  [
    'a container that is not ready',
    {},
    observed([run('a')]),
    { probe: () => ({ started: true, ready: false }) },
    'Running running unready restarts=0 last=-',
  ],
  [
    'a container that was restarted',
    {},
    observed([run('a', { attempt: 1 }), exited('a', 1)]),
    {},
    'Running running ready restarts=1 last=Error',
  ],
  [
    'a container in back-off',
    {},
    observed([exited('a', 1, { attempt: 2 })]),
    { waiting: new Map([['a', BACKOFF]]) },
    'Running CrashLoopBackOff unready restarts=2 last=Error',
  ],
  ['success', { restartPolicy: 'Never' }, observed([exited('a', 0)]), {}, 'Succeeded Completed unready restarts=0 last=-'],
  ['success that will be repeated', {}, observed([exited('a', 0)]), {}, 'Running Completed unready restarts=0 last=-'],
  ['failure', { restartPolicy: 'Never' }, observed([exited('a', 2)]), {}, 'Failed Error unready restarts=0 last=-'],
  [
    'failure that will be repeated',
    { restartPolicy: 'OnFailure' },
    observed([exited('a', 2)]),
    {},
    'Running Error unready restarts=0 last=-',
  ],
  ['an end by deletion', {}, observed([exited('a', 137)]), { terminal: true }, 'Failed Error unready restarts=0 last=-'],
  [
    'an end by the kubelet',
    {},
    observed([exited('a', 137)]),
    { terminal: true, ended: { reason: 'Evicted', message: 'm' } },
    'Failed Error unready restarts=0 last=-',
  ],
  [
    'a sidecar that still runs after the end',
    { ...side, restartPolicy: 'Never' },
    observed([run('s'), exited('a', 0)]),
    { terminal: true },
    'Running Completed unready restarts=0 last=-',
  ],
  [
    'the end of the sidecar',
    { ...side, restartPolicy: 'Never' },
    observed([exited('s', 143), exited('a', 0)]),
    { terminal: true },
    'Succeeded Completed unready restarts=0 last=-',
  ],
];

describe('podStatus', () => {
  for (const [title, spec, seen, more, want] of cases)
    it(`tells ${title}`, () => assert.equal(words(podStatus(pod(spec), seen, facts(more))), want));

  it('writes five conditions with the generation, and keeps those of others', () => {
    const other = { type: 'example.com/gate', status: 'False' };
    const status = podStatus(
      pod({ readinessGates: [{ conditionType: 'example.com/gate' }] }, { conditions: [other] }),
      observed([run('a')]),
      facts(),
    );
    assert.deepEqual(
      status.conditions?.map((c) => `${c.type}=${c.status} ${c.reason ?? ''}`),
      [
        'PodReadyToStartContainers=True ',
        'Initialized=True ',
        'Ready=False ReadinessGatesNotReady',
        'ContainersReady=True ',
        'PodScheduled=True ',
        'example.com/gate=False ',
      ],
    );
    assert.equal(status.conditions?.[0]?.observedGeneration, 2);
  });

  it('moves the transition time of a condition with its status only', () => {
    const conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' },
      { type: 'ContainersReady', status: 'False', lastTransitionTime: '2025-01-01T00:00:00Z' },
    ];
    const status = podStatus(pod({}, { conditions }), observed([run('a')]), facts());
    const at = (type: string) => status.conditions?.find((c) => c.type === type)?.lastTransitionTime;
    assert.deepEqual([at('Ready'), at('ContainersReady')], ['2025-01-01T00:00:00Z', AT]);
  });

  it('names addresses, also those of a host-network pod, and keeps the start time', () => {
    const own = podStatus(pod({}, { startTime: '2025-01-01T00:00:00Z' }), observed([run('a')]), facts());
    assert.deepEqual(
      [own.podIP, own.podIPs, own.hostIP, own.startTime],
      ['10.42.0.2', [{ ip: '10.42.0.2' }], '192.0.2.1', '2025-01-01T00:00:00Z'],
    );
    const host = podStatus(pod({ hostNetwork: true }), observed([run('a')], [sandbox({ ips: [] })]), facts());
    assert.deepEqual([host.podIP, host.startTime], ['192.0.2.1', AT]);
  });

  it('keeps a phase that is final', () => {
    assert.equal(podStatus(pod({}, { phase: 'Succeeded' }), observed([], []), facts()).phase, 'Succeeded');
  });
});

describe('statusPatch', () => {
  const base: PodStatus = {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False', reason: 'r' }],
    podIPs: [{ ip: '1' }],
    podIP: '1',
  };

  it('is nothing when nothing differs', () => assert.equal(statusPatch('u', base, { ...base }), undefined));
  it('holds what differs, with null for what a condition no longer says', () => {
    const after: PodStatus = { ...base, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    assert.deepEqual(statusPatch('u', base, after), {
      metadata: { uid: 'u' },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', reason: null }] },
    });
  });
  it('deletes an address that is gone', () => {
    const patch = statusPatch('u', base, { ...base, podIP: '2', podIPs: [{ ip: '2' }] });
    assert.deepEqual(patch?.['status'], { podIP: '2', podIPs: [{ ip: '2' }, { ip: '1', $patch: 'delete' }] });
  });
  it('leaves fields of others alone', () => {
    assert.equal(statusPatch('u', { ...base, nominatedNodeName: 'n', resize: 'x' }, base), undefined);
  });
});
