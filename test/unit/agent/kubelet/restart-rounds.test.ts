import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObservedContainer, ObservedPod } from '../../../../src/agent/kubelet/observed-pod.ts';
import { isOver, planPod } from '../../../../src/agent/kubelet/pod-plan.ts';
import { podStatus } from '../../../../src/agent/kubelet/pod-status.ts';
import type { PodSpec, PodStatus } from '../../../../src/api/types/core-v1.gen.ts';
import { exited, observed, pod, run, sandbox, T0 } from './pod-world.ts';

/** The trigger ended at `T0`: what was made before is of the first round. */
const EARLIER = { createdAtMs: T0 - 5000 };
const LATER = { createdAtMs: T0 + 1000, attempt: 1 };
const LAST = { createdAtMs: T0 + 2000, attempt: 1 };
const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
const spec: Partial<PodSpec> = {
  restartPolicy: 'Never',
  initContainers: [{ name: 'i', image: 'i' }],
  containers: [
    { name: 'a', image: 'i', restartPolicyRules },
    { name: 'b', image: 'i' },
  ],
  ephemeralContainers: [{ name: 'e', image: 'i' }],
};
const debug = run('e', EARLIER);
const trigger = exited('a', 42, EARLIER);
const begun = (...more: ObservedContainer[]): ObservedPod => observed([...more, trigger, exited('i', 0, EARLIER), debug]);
/** The second round with all of it running. */
const whole = begun(run('b', LAST), run('a', LAST), exited('i', 0, LATER), exited('b', 137, EARLIER));

const cases: { title: string; seen: ObservedPod; backoff?: number; steps: string[] }[] = [
  { title: 'ends what runs, at once', seen: begun(run('b', EARLIER)), steps: ['kill-container b 0'] },
  { title: 'begins anew with the init containers', seen: begun(exited('b', 137, EARLIER)), steps: ['start-container i 1'] },
  { title: 'waits for the init container', seen: begun(run('i', LATER), exited('b', 137, EARLIER)), steps: [] },
  {
    title: 'runs all the others again, also those that had succeeded',
    seen: begun(exited('i', 0, LATER), exited('b', 0, EARLIER)),
    steps: ['start-container a 1', 'start-container b 1'],
  },
  {
    title: 'holds back the container that began it, and no other',
    seen: begun(exited('i', 0, LATER), exited('b', 137, EARLIER)),
    backoff: 10_000,
    steps: ['back-off a', 'start-container b 1'],
  },
  {
    title: 'ends what was started just when the round began',
    seen: begun(run('b', { createdAtMs: T0 + 500 })),
    steps: ['kill-container b 0'],
  },
  {
    title: 'runs all containers in a new sandbox',
    seen: {
      ...begun(exited('i', 0, { ...LATER, sandboxId: 's1' }), exited('b', 137, EARLIER)),
      sandboxes: [sandbox({ id: 's1', attempt: 1 })],
    },
    steps: ['start-container a 1', 'start-container b 1'],
  },
  { title: 'is done when all run', seen: whole, steps: [] },
  {
    title: 'leaves what has ended in the new round',
    seen: begun(exited('b', 0, LAST), run('a', LAST), exited('i', 0, LATER), exited('b', 137, EARLIER)),
    steps: [],
  },
  {
    title: 'goes on in a new sandbox',
    seen: observed([trigger, run('b', EARLIER), exited('i', 0, EARLIER)], [sandbox({ ready: false })]),
    steps: ['stop-sandboxes', 'create-sandbox'],
  },
];

function statusOf(seen: ObservedPod, terminal = false): PodStatus {
  const facts = { nowMs: T0, startTimeMs: T0, hostIPs: ['192.0.2.1'], waiting: new Map(), probe: () => undefined, terminal };
  return podStatus(pod(spec, { conditions: [{ type: 'Initialized', status: 'True' }] }), seen, facts);
}

const condition = ({ conditions = [] }: PodStatus, name: string): string | undefined =>
  conditions.find(({ type }) => type === name)?.status;
const stateOf = ({ containerStatuses = [] }: PodStatus, name: string) => containerStatuses.find((s) => s.name === name);

describe('a round of all containers', () => {
  for (const { title, seen, backoff = 0, steps } of cases)
    it(title, () => {
      const facts = { nowMs: T0 + 3000, backoffMs: () => backoff, probe: () => undefined };
      const said = planPod(pod(spec), seen, facts).steps.map((step) => {
        const name = 'target' in step ? step.target.container.name : '';
        const number = step.type === 'start-container' ? step.attempt : step.type === 'kill-container' ? step.graceSeconds : undefined;
        return [step.type, name, number].filter((part) => part !== undefined && part !== '').join(' ');
      });
      assert.deepEqual(said, steps);
    });

  it('keeps the pod from being over until all have had their turn', () => {
    assert.equal(isOver(pod(spec), begun(exited('a', 0, LAST), exited('i', 0, LATER), exited('b', 1, EARLIER))), false);
    assert.equal(isOver(pod(spec), begun(exited('b', 1, LAST), exited('a', 0, LAST), exited('i', 0, LATER))), true);
  });

  it('shows in the status: what is to run again waits, and the pod runs on', () => {
    const ending = statusOf(begun(run('b', EARLIER)));
    assert.deepEqual([ending.phase, condition(ending, 'AllContainersRestarting')], ['Running', 'True']);
    const between = statusOf(begun(exited('b', 137, EARLIER)));
    assert.deepEqual(
      [between.phase, condition(between, 'AllContainersRestarting'), condition(between, 'Initialized'), condition(between, 'Ready')],
      ['Running', 'False', 'True', 'False'],
    );
    assert.deepEqual(stateOf(between, 'b')?.state, { waiting: { reason: 'PodInitializing' } });
    assert.equal(stateOf(between, 'a')?.lastState?.terminated?.exitCode, 42);
    const after = statusOf(whole);
    assert.deepEqual([after.phase, stateOf(after, 'b')?.restartCount, condition(after, 'Ready')], ['Running', 1, 'True']);
  });

  it('is not waited for when the pod is ended', () => {
    const ended = statusOf(begun(exited('b', 137, EARLIER)), true);
    assert.deepEqual([ended.phase, stateOf(ended, 'a')?.state?.terminated?.exitCode], ['Failed', 42]);
  });

  it('can be begun by an init container, which does not fail the pod then', () => {
    const own: Partial<PodSpec> = { ...spec, initContainers: [{ name: 'i', image: 'i', restartPolicyRules }] };
    const facts = { nowMs: T0, startTimeMs: T0, hostIPs: [], waiting: new Map(), probe: () => undefined, terminal: false };
    const seen = observed([exited('i', 42, EARLIER)]);
    assert.equal(podStatus(pod(own), seen, facts).phase, 'Pending');
    assert.equal(isOver(pod(own), seen), false);
  });
});
