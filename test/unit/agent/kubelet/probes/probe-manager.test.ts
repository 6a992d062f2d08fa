import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeProbeManager } from '../../../../../src/agent/kubelet/probes/probe-manager.ts';
import type { Container, Pod } from '../../../../../src/api/types/core-v1.gen.ts';
import { KtsError } from '../../../../../src/base/errors.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

/** A container whose commands answer as the test says. */
class World {
  readonly clock = new FakeClock();
  readonly events: string[] = [];
  readonly ran: string[] = [];
  readonly changes: string[] = [];
  exits: Record<string, number | Error> = {};
  readonly manager: NodeProbeManager;
  readonly target = { containerName: 'main', containerId: 'c1', startedAtMs: this.clock.now() };

  constructor() {
    const execSync = async (_id: string, command: readonly string[]) => {
      const text = command.join(' ');
      this.ran.push(text);
      const exit = this.exits[command[0] ?? ''] ?? 0;
      if (exit instanceof Error) throw exit;
      return { exitCode: exit, stdout: Buffer.from(exit ? 'it broke' : ''), stderr: Buffer.alloc(0) };
    };
    const recorder = {
      event: (_: unknown, type: string, reason: string, message: string) => void this.events.push(`${type} ${reason} ${message}`),
    };
    this.manager = new NodeProbeManager({ clock: this.clock, recorder, runtime: { execSync }, random: () => 0.5 });
    this.manager.onChange((uid) => this.changes.push(uid));
  }

  pod(probes: Partial<Container>, status: Pod['status'] = {}): Pod {
    return { metadata: { name: 'web', namespace: 'default', uid: 'u1' }, spec: { containers: [{ name: 'main', ...probes }] }, status };
  }
}

const probe = (name: string, numbers: object = {}) => ({ exec: { command: [name] }, periodSeconds: 10, ...numbers });

test('NodeProbeManager makes a container ready after successThreshold and unready after failureThreshold', async () => {
  const world = new World();
  const pod = world.pod({ readinessProbe: probe('ready', { successThreshold: 2, failureThreshold: 3, initialDelaySeconds: 5 }) });
  world.manager.sync(pod, '10.0.0.1', [world.target]);
  const ready = () => world.manager.state(pod, world.target).ready;
  await world.clock.advance(4999);
  assert.deepEqual([ready(), world.ran.length], [false, 0]);
  await world.clock.advance(1);
  assert.deepEqual([ready(), world.ran.length], [false, 1]);
  await world.clock.advance(10_000);
  assert.equal(ready(), true);
  assert.deepEqual(world.changes, ['u1']);
  world.exits = { ready: 1 };
  await world.clock.advance(20_000);
  assert.equal(ready(), true);
  await world.clock.advance(10_000);
  assert.equal(ready(), false);
  assert.deepEqual(world.events, Array(3).fill('Warning Unhealthy Readiness probe failed: it broke'));
});

test('NodeProbeManager lets nothing but the startup probe run before the start, and everything at once after it', async () => {
  const world = new World();
  const pod = world.pod({
    startupProbe: probe('start', { failureThreshold: 5, periodSeconds: 1 }),
    livenessProbe: probe('live'),
    readinessProbe: probe('ready'),
  });
  world.exits = { start: 1 };
  world.manager.sync(pod, '10.0.0.1', [world.target]);
  await world.clock.advance(2500);
  assert.deepEqual(new Set(world.ran), new Set(['start']));
  assert.deepEqual(world.manager.state(pod, world.target), { started: false, ready: false });
  world.exits = {};
  await world.clock.advance(600);
  assert.deepEqual(world.manager.state(pod, world.target), { started: true, ready: true });
  const before = world.ran.filter((name) => name === 'start').length;
  await world.clock.advance(10_000);
  assert.equal(world.ran.filter((name) => name === 'start').length, before);
  assert.ok(world.ran.includes('live'));
});

test('NodeProbeManager says which probe failed for good, rests, and starts anew with the next container', async () => {
  const world = new World();
  const pod = world.pod({ livenessProbe: probe('live', { failureThreshold: 2, terminationGracePeriodSeconds: 7 }) });
  world.exits = { live: 1 };
  world.manager.sync(pod, '10.0.0.1', [world.target]);
  await world.clock.advance(10_000);
  assert.deepEqual(world.manager.state(pod, world.target), {
    started: true,
    ready: true,
    failed: { probe: 'liveness', terminationGracePeriodSeconds: 7 },
  });
  const attempts = world.ran.length;
  await world.clock.advance(60_000);
  assert.equal(world.ran.length, attempts);
  const next = { ...world.target, containerId: 'c2', startedAtMs: world.clock.now() };
  world.manager.sync(pod, '10.0.0.1', [next]);
  assert.deepEqual(world.manager.state(pod, next), { started: true, ready: true });
  assert.deepEqual(world.manager.state(pod, world.target), { started: true, ready: true });
  await world.clock.advance(0);
  assert.equal(world.ran.length, attempts + 1);
});

test('NodeProbeManager does not count attempts without an answer, and counts timeouts as failures', async () => {
  const world = new World();
  const pod = world.pod({ livenessProbe: probe('live', { failureThreshold: 1, timeoutSeconds: 2 }) });
  world.exits = { live: new KtsError('cri-failed', 'no such container') };
  world.manager.sync(pod, '10.0.0.1', [world.target]);
  await world.clock.advance(0);
  assert.equal(world.manager.state(pod, world.target).failed, undefined);
  assert.equal(world.ran.length, 3);
  world.exits = { live: new KtsError('cri-deadline', 'deadline') };
  await world.clock.advance(10_000);
  assert.equal(world.manager.state(pod, world.target).failed?.probe, 'liveness');
  assert.deepEqual(world.events, [
    'Warning Unhealthy Liveness probe errored and resulted in unknown state: rpc error: no such container',
    'Warning Unhealthy Liveness probe failed: command timed out: "live" timed out after 2s',
  ]);
});

test('NodeProbeManager goes on with what the status says of the same run after a restart of kts', async () => {
  const world = new World();
  await world.clock.advance(60_000);
  const restarted = new World();
  await restarted.clock.advance(0);
  const status = {
    containerStatuses: [
      { name: 'main', ready: true, started: true, restartCount: 0, image: '', imageID: '', containerID: 'containerd://c1' },
    ],
  };
  const pod = restarted.pod({ startupProbe: probe('start'), readinessProbe: probe('ready') }, status);
  const target = { ...restarted.target, startedAtMs: restarted.clock.now() - 60_000 };
  restarted.manager.sync(pod, '10.0.0.1', [target]);
  assert.deepEqual(restarted.manager.state(pod, target), { started: true, ready: true });
  await restarted.clock.advance(4_999);
  assert.deepEqual(restarted.ran, []);
  await restarted.clock.advance(1);
  assert.deepEqual(restarted.ran, ['ready']);
});

test('NodeProbeManager keeps only readiness while a pod ends, and nothing after remove', async () => {
  const world = new World();
  const pod = world.pod({ livenessProbe: probe('live'), readinessProbe: probe('ready') });
  world.manager.sync(pod, '10.0.0.1', [world.target]);
  await world.clock.advance(0);
  world.manager.sync(pod, '10.0.0.1', [world.target], { terminating: true });
  world.ran.length = 0;
  await world.clock.advance(30_000);
  assert.deepEqual(new Set(world.ran), new Set(['ready']));
  world.manager.remove('u1');
  assert.equal(world.clock.pending, 0);
});
