import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObservedPod } from '../../../../src/agent/kubelet/observed-pod.ts';
import { garbageOf, isOver, type PlanFacts, type PodStep, planPod, terminationOrder } from '../../../../src/agent/kubelet/pod-plan.ts';
import type { ProbeState } from '../../../../src/agent/kubelet/ports.ts';
import type { Container, PodSpec } from '../../../../src/api/types/core-v1.gen.ts';
import { exited, observed, pod, run, sandbox, T0 } from './pod-world.ts';

/** A step in words. */
function words(step: PodStep): string {
  if (step.type === 'stop-sandboxes') return 'stop sandboxes';
  if (step.type === 'create-sandbox') return `sandbox ${step.attempt}`;
  if (step.type === 'start-container') return `start ${step.target.container.name} ${step.attempt} in ${step.sandboxId}`;
  if (step.type === 'kill-container') return `kill ${step.instance.id}: ${step.message}`;
  return `back off ${step.target.container.name} ${step.delayMs}`;
}

const c = (name: string, more: Partial<Container> = {}): Container => ({ name, image: 'i', ...more });
const sidecar = (name: string, more: Partial<Container> = {}): Container => c(name, { restartPolicy: 'Always', ...more });
const two: Partial<PodSpec> = { containers: [c('a'), c('b')] };
const inits: Partial<PodSpec> = { initContainers: [c('i1'), sidecar('s'), c('i2')], containers: [c('a')] };
const started: ProbeState = { started: true, ready: true };

interface Case {
  readonly title: string;
  readonly spec?: Partial<PodSpec>;
  readonly seen: ObservedPod;
  readonly backoff?: number;
  readonly probes?: Record<string, ProbeState>;
  readonly steps: readonly string[];
  readonly againInMs?: number;
}

const cases: Case[] = [
  { title: 'makes a sandbox first', seen: observed([], []), steps: ['sandbox 0'] },
  { title: 'starts all containers in a ready sandbox', spec: two, seen: observed([]), steps: ['start a 0 in s0', 'start b 0 in s0'] },
  { title: 'does nothing when all run', spec: two, seen: observed([run('a'), run('b')]), steps: [] },
  {
    title: 'replaces a sandbox that died',
    seen: observed([exited('a', 137)], [sandbox({ ready: false })]),
    steps: ['stop sandboxes', 'sandbox 1'],
  },
  {
    title: 'replaces two ready sandboxes',
    seen: observed([], [sandbox({ id: 's1', attempt: 1 }), sandbox()]),
    steps: ['stop sandboxes', 'sandbox 2'],
  },
  {
    title: 'leaves a pod with Never alone when its sandbox died',
    spec: { restartPolicy: 'Never' },
    seen: observed([exited('a', 1)], [sandbox({ ready: false })]),
    steps: [],
  },
  {
    title: 'starts a container again in a new sandbox with the next attempt',
    seen: observed([exited('a', 137)], [sandbox({ id: 's1', attempt: 1 })]),
    steps: ['start a 1 in s1'],
  },
  {
    title: 'does not run a container again in a new sandbox that has succeeded with OnFailure',
    spec: { ...two, restartPolicy: 'OnFailure' },
    seen: observed([exited('a', 0), exited('b', 1)], [sandbox({ id: 's1', attempt: 1 })]),
    steps: ['start b 1 in s1'],
  },
  { title: 'restarts at once without a back-off', seen: observed([exited('a', 1)]), steps: ['start a 1 in s0'] },
  { title: 'waits for the back-off', seen: observed([exited('a', 1)]), backoff: 10_000, steps: ['back off a 9000'], againInMs: 9000 },
  { title: 'starts when the back-off is over', seen: observed([exited('a', 1)]), backoff: 1000, steps: ['start a 1 in s0'] },
  { title: 'does not restart success with OnFailure', spec: { restartPolicy: 'OnFailure' }, seen: observed([exited('a', 0)]), steps: [] },
  {
    title: 'restarts by a rule for the exit code',
    spec: {
      restartPolicy: 'Never',
      containers: [c('a', { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] })],
    },
    seen: observed([exited('a', 42)]),
    steps: ['start a 1 in s0'],
  },
  { title: 'runs the first init container alone', spec: inits, seen: observed([]), steps: ['start i1 0 in s0'] },
  { title: 'waits for an init container', spec: inits, seen: observed([run('i1')]), steps: [] },
  { title: 'starts the sidecar after it', spec: inits, seen: observed([exited('i1', 0)]), steps: ['start s 0 in s0'] },
  {
    title: 'goes on when the sidecar has started',
    spec: inits,
    seen: observed([exited('i1', 0), run('s')]),
    probes: { s: started },
    steps: ['start i2 0 in s0'],
  },
  {
    title: 'waits for the sidecar to start',
    spec: inits,
    seen: observed([exited('i1', 0), run('s')]),
    probes: { s: { started: false, ready: false } },
    steps: [],
  },
  {
    title: 'starts the containers after all init containers',
    spec: inits,
    seen: observed([exited('i1', 0), run('s'), exited('i2', 0)]),
    probes: { s: started },
    steps: ['start a 0 in s0'],
  },
  { title: 'restarts a failed init container', spec: inits, seen: observed([exited('i1', 1)]), steps: ['start i1 1 in s0'] },
  {
    title: 'does not restart a failed init container with Never',
    spec: { ...inits, restartPolicy: 'Never' },
    seen: observed([exited('i1', 1)]),
    steps: [],
  },
  {
    title: 'restarts a sidecar beside running containers',
    spec: { ...inits, restartPolicy: 'Never' },
    seen: observed([exited('i1', 0), exited('s', 0), exited('i2', 0), run('a')]),
    steps: ['start s 1 in s0'],
  },
  {
    title: 'does not run init containers again that were collected',
    spec: inits,
    seen: observed([run('s'), run('a')]),
    probes: { s: started },
    steps: [],
  },
  {
    title: 'kills a container whose liveness failed',
    seen: observed([run('a')]),
    probes: { a: { ...started, failed: { probe: 'liveness' } } },
    steps: ['kill a0: Container a failed liveness probe, will be restarted'],
  },
  {
    title: 'kills a container whose image changed',
    spec: { containers: [c('a', { image: 'new' })] },
    seen: observed([run('a')]),
    steps: ['kill a0: Container a definition changed, will be restarted'],
  },
  {
    title: 'starts an ephemeral container once',
    spec: { ephemeralContainers: [c('e')] },
    seen: observed([run('a')]),
    steps: ['start e 0 in s0'],
  },
  {
    title: 'never restarts an ephemeral container',
    spec: { ephemeralContainers: [c('e')] },
    seen: observed([run('a'), exited('e', 1)]),
    steps: [],
  },
];

describe('planPod', () => {
  for (const { title, spec, seen, backoff = 0, probes = {}, steps, againInMs } of cases) {
    it(title, () => {
      const facts: PlanFacts = { nowMs: T0 + 1000, backoffMs: () => backoff, probe: (name) => probes[name] };
      const plan = planPod(pod(spec), seen, facts);
      assert.deepEqual(plan.steps.map(words), steps);
      assert.equal(plan.againInMs, againInMs);
    });
  }
});

describe('isOver', () => {
  const rows: [string, Partial<PodSpec>, ObservedPod, boolean][] = [
    ['is false while one runs', { ...two, restartPolicy: 'Never' }, observed([exited('a', 0), run('b')]), false],
    ['is true when all ended for good', { ...two, restartPolicy: 'Never' }, observed([exited('a', 0), exited('b', 1)]), true],
    ['is false when one will be restarted', { ...two, restartPolicy: 'OnFailure' }, observed([exited('a', 0), exited('b', 1)]), false],
    ['is true when an init container failed for good', { ...inits, restartPolicy: 'Never' }, observed([exited('i1', 1)]), true],
    [
      'does not wait for sidecars',
      { ...inits, restartPolicy: 'Never' },
      observed([exited('i1', 0), run('s'), exited('i2', 0), exited('a', 0)]),
      true,
    ],
  ];
  for (const [title, spec, seen, want] of rows) it(title, () => assert.equal(isOver(pod(spec), seen), want));
});

describe('terminationOrder', () => {
  it('ends sidecars last, the last started first', () => {
    const spec = { initContainers: [sidecar('s1'), c('i'), sidecar('s2')], containers: [c('a'), c('b')] };
    assert.deepEqual(
      terminationOrder(pod(spec)).map((g) => g.map((x) => x.container.name)),
      [['i', 'a', 'b'], ['s2'], ['s1']],
    );
  });
});

describe('garbageOf', () => {
  it('keeps the newest two runs of a container and sandboxes that are used', () => {
    const seen = observed(
      [
        run('a', { attempt: 3, sandboxId: 's2' }),
        exited('a', 1, { attempt: 2, sandboxId: 's2' }),
        exited('a', 1, { attempt: 1, sandboxId: 's1' }),
        exited('a', 1),
      ],
      [sandbox({ id: 's2' }), sandbox({ id: 's1', ready: false }), sandbox({ ready: false })],
    );
    assert.deepEqual(garbageOf(seen), { containers: ['a1', 'a0'], sandboxes: ['s1', 's0'] });
  });
});
