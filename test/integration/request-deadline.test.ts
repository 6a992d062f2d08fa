// The deadline of requests on a running API server whose clock the test moves: who gets 504, and who is answered when the work is done.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { Http2Transport } from '../../src/client/http2-transport.ts';
import type { Route } from '../../src/server/http/routes.ts';
import { secretsEncryptionRoute } from '../../src/server/http/secrets-encryption-route.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock();
let begun = Promise.withResolvers<void>();
let work = Promise.withResolvers<void>();
let server: TestServer;
let transport: Http2Transport;

/** Work that goes on until the test ends it. */
async function longWork(): Promise<void> {
  begun.resolve();
  await work.promise;
}

const slow: Route = {
  path: '/slow',
  listed: false,
  async handle(exchange) {
    await longWork();
    exchange.send(200, { 'content-type': 'text/plain' }, 'done');
  },
};

before(async () => {
  const control = { status: () => ({ enabled: true }), rotate: longWork, enable: longWork, disable: longWork };
  server = await startTestServer({ clock, extraRoutes: [secretsEncryptionRoute(control), slow] });
  transport = new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca }) }, { clock: systemClock });
});
after(async () => {
  await transport.close();
  await server.stop();
});

/** Sends a request, lets `ms` pass while its work goes on, then ends the work. */
async function statusAfter(ms: number, request: { method: string; path: string; body?: string }): Promise<number> {
  begun = Promise.withResolvers<void>();
  work = Promise.withResolvers<void>();
  const answer = transport.request({ ...request, headers: { authorization: 'Bearer admin' } });
  await begun.promise;
  await clock.advance(ms);
  work.resolve();
  const { status, body } = await answer;
  for await (const _ of body); // Read to its end, so that the stream is over.
  return status;
}

it('a request is answered with 504 after a minute', async () => {
  assert.equal(await statusAfter(59_999, { method: 'GET', path: '/slow' }), 200);
  assert.equal(await statusAfter(60_000, { method: 'GET', path: '/slow' }), 504);
});

for (const action of ['rotate', 'enable', 'disable']) {
  it(`secretsEncryptionRoute answers ${action} when it is done, half an hour later`, async () => {
    const body = JSON.stringify({ action });
    assert.equal(await statusAfter(1_800_000, { method: 'POST', path: '/v1-kts/secrets-encryption', body }), 200);
    assert.equal(await statusAfter(1_800_000, { method: 'POST', path: '/v1-kts/secrets-encryption?timeout=5s', body }), 200);
  });
}
