// The ports that external load balancers probe, on loopback.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { HealthPorts } from '../../src/agent/proxy/health-ports.ts';
import { silentLogger } from '../../src/base/log.ts';

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

test('HealthPorts answers by the endpoints here, follows them, and closes ports that are not wanted', async () => {
  const port = await freePort();
  const ports = new HealthPorts({ log: silentLogger });
  const state = { port, namespace: 'd', name: 'web' };
  const probe = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status;
  try {
    await ports.apply([{ ...state, localEndpoints: 0 }]);
    assert.equal(await probe(), 503);
    await ports.apply([{ ...state, localEndpoints: 2 }]);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { service: { namespace: 'd', name: 'web' }, localEndpoints: 2, serviceProxyHealthy: true });
    await ports.apply([]);
    await assert.rejects(probe());
  } finally {
    await ports.stop();
  }
});
