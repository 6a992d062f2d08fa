import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { forbidden, serviceUnavailable } from '../../../src/api/status-error.ts';
import type { Event } from '../../../src/api/types/core-v1.gen.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { ApiEventRecorder } from '../../../src/client/event-recorder.ts';
import { LocalClient } from '../../../src/client/local-client.ts';
import { EVENTS } from '../../../src/client/resources.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'ns', uid: 'u1', resourceVersion: '7' } };

function world() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const client = new LocalClient(api, { name: 'test', groups: [] });
  const events = new ApiEventRecorder({ host: 'n1' }, { client, clock, log: silentLogger });
  const all = async (): Promise<(Event & KubeObject)[]> => {
    await clock.advance(0);
    return (await client.list(EVENTS)).items;
  };
  return { clock, api, events, recorder: events.recorder('kubelet'), all };
}

describe('ApiEventRecorder', () => {
  it('writes who, what and when', async () => {
    const { recorder, all } = world();
    recorder.event({ object: pod, fieldPath: 'spec.containers{web}' }, 'Warning', 'BackOff', 'Back-off restarting');
    const [event] = await all();
    assert.match(event?.metadata.name ?? '', /^web\.[0-9a-f]+$/);
    assert.equal(event?.metadata.namespace, 'ns');
    const { metadata: _, ...rest } = event ?? { metadata: {} };
    assert.deepEqual(rest, {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        kind: 'Pod',
        namespace: 'ns',
        name: 'web',
        uid: 'u1',
        apiVersion: 'v1',
        resourceVersion: '7',
        fieldPath: 'spec.containers{web}',
      },
      reason: 'BackOff',
      message: 'Back-off restarting',
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
      type: 'Warning',
      reportingComponent: 'kubelet',
      reportingInstance: 'n1',
    });
  });

  it('puts events of cluster-scoped objects into default', async () => {
    const { recorder, all } = world();
    recorder.event({ kind: 'Node', metadata: { name: 'n1' } }, 'Normal', 'Starting', '');
    assert.equal((await all())[0]?.metadata.namespace, 'default');
  });

  it('raises the count when the same happens again, also after the event has expired', async () => {
    const { clock, api, recorder, all } = world();
    recorder.event(pod, 'Normal', 'Pulled', 'x');
    await clock.advance(5000);
    recorder.event(pod, 'Normal', 'Pulled', 'x');
    recorder.event(pod, 'Normal', 'Created', 'x');
    const events = await all();
    assert.deepEqual(events.map((e) => [e.reason, e.count, e.firstTimestamp, e.lastTimestamp]).sort(), [
      ['Created', 1, '2026-01-01T00:00:05Z', '2026-01-01T00:00:05Z'],
      ['Pulled', 2, '2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z'],
    ]);
    for (const { metadata } of events) await deleteEvent(api, metadata.name ?? '');
    recorder.event(pod, 'Normal', 'Pulled', 'x');
    assert.deepEqual(
      (await all()).map((e) => e.count),
      [3],
    );
  });

  it('combines events that differ only in the message from the tenth on', async () => {
    const { recorder, all } = world();
    for (let n = 1; n <= 15; n++) recorder.event(pod, 'Warning', 'Unhealthy', `try ${n}`);
    const events = await all();
    assert.equal(events.length, 10);
    const combined = events.find((e) => (e.count ?? 0) > 1);
    assert.equal(combined?.count, 6);
    assert.equal(combined?.message, '(combined from similar events): try 15');
  });

  it('lets a source say 25 things about an object, then one in five minutes', async () => {
    const { clock, recorder, all } = world();
    const other = { ...pod, metadata: { ...pod.metadata, name: 'db', uid: 'u2' } };
    for (let n = 0; n < 40; n++) recorder.event(pod, 'Normal', `Reason${n}`, '');
    recorder.event(other, 'Normal', 'Fine', '');
    assert.equal((await all()).length, 26);
    await clock.advance(299_000);
    recorder.event(pod, 'Normal', 'Late', '');
    assert.equal((await all()).length, 26);
    await clock.advance(1_000);
    recorder.event(pod, 'Normal', 'Later', '');
    assert.equal((await all()).length, 27);
  });

  it('tries again while the API is away, and not when it refuses', async () => {
    const { clock, api, recorder, all } = world();
    let away = true;
    api.before = ({ verb, body }) => {
      if (verb !== 'create') return;
      if (away) throw serviceUnavailable('away');
      if ((body as Event).reason === 'Refused') throw forbidden({ group: '', resource: 'events' }, 'x', 'no');
    };
    recorder.event(pod, 'Normal', 'First', '');
    recorder.event(pod, 'Normal', 'Refused', '');
    recorder.event(pod, 'Normal', 'Last', '');
    assert.deepEqual(await all(), []);
    away = false;
    await clock.advance(10_000);
    assert.deepEqual(
      (await all()).map((e) => e.reason),
      ['First', 'Last'],
    );
  });

  it('bounds what waits, and leaves nothing behind when stopped', async () => {
    const { clock, api, events, recorder, all } = world();
    api.before = ({ verb }) => {
      if (verb === 'create') throw serviceUnavailable('away');
    };
    for (let n = 0; n < 2000; n++) recorder.event({ ...pod, metadata: { name: `p${n}`, namespace: 'ns' } }, 'Normal', 'R', '');
    await clock.advance(0);
    await events.stop();
    assert.equal(clock.pending, 0);
    api.before = undefined;
    recorder.event(pod, 'Normal', 'Late', '');
    assert.deepEqual(await all(), []);
  });
});

async function deleteEvent(api: FakeApi, name: string): Promise<void> {
  const resource = { group: '', version: 'v1', resource: 'events' };
  await api.call({ verb: 'delete', resource, subresource: '', namespace: 'ns', name, user: { name: 't', groups: [] }, options: {} });
}
