// What a server makes at its start, when admission is against it: webhooks may need the cluster that is only just starting.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forbidden } from '../../src/api/status-error.ts';
import { nextTurn, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../src/server/admission/admission.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { startTestServer } from '../support/api-server.ts';
import { MemoryJournal } from '../support/memory-journal.ts';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };

/** A plugin that notes all requests and refuses some. */
function guard(refuses: (request: AdmissionRequest) => boolean): { readonly plugin: AdmissionPlugin; readonly seen: string[] } {
  const seen: string[] = [];
  const plugin: AdmissionPlugin = {
    name: 'Guard',
    validate(request) {
      seen.push(`${request.operation} ${request.resource.resource} ${request.name}`);
      if (refuses(request)) throw forbidden(request.resource, request.name, 'not yet');
    },
  };
  return { plugin, seen };
}

test('ApiServer.start does not fail for what admission refuses, and makes it later', async () => {
  let refusals = 3;
  const { plugin, seen } = guard(({ name }) => name === 'kube-system' && refusals-- > 0);
  const clock = { ...systemClock, sleep: () => nextTurn() };
  const server = await startTestServer({ admission: [plugin], clock });
  try {
    const find = () =>
      server.server.backend.call({
        verb: 'get',
        resource: NAMESPACES,
        subresource: '',
        namespace: '',
        name: 'kube-system',
        user: { name: 'admin', groups: ['system:masters'] },
        options: {},
      });
    for (let turn = 0; refusals >= 0 && turn < 10_000; turn++) await nextTurn();
    assert.equal((await find()).kind, 'Namespace');
    assert.equal(seen.filter((line) => line === 'CREATE namespaces kube-system').length, 4);
  } finally {
    await server.stop();
  }
});

test('A second start writes nothing that is there as it should be', async () => {
  const journal = new MemoryJournal();
  const store = new MemoryStore({ content: journal.content() }, { journal, clock: systemClock, log: silentLogger });
  const first = await startTestServer({ store });
  const { port } = first.server;
  await first.server.stop();
  const { plugin, seen } = guard(() => true);
  // The same port: the endpoints of the Service `kubernetes` name it.
  const second = await startTestServer({ store, admission: [plugin] }, { port });
  await second.stop();
  await store.close();
  assert.deepEqual(seen, []);
});
