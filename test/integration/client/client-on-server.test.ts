// Both clients on the real API server over a real SQLite file.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { HttpClient } from '../../../src/client/http-client.ts';
import { LocalClient } from '../../../src/client/local-client.ts';
import { openSqliteStore } from '../../../src/server/store/sqlite-store.ts';
import { clientSuite } from '../../contract/client-suite.ts';
import { startTestServer, type TestServer } from '../../support/api-server.ts';
import { startJournalThread } from '../../support/journal-thread.ts';

async function openServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kts-client-'));
  const deps = { startThread: startJournalThread, clock: systemClock, log: silentLogger };
  const store = await openSqliteStore({ path: join(folder, 'state.db') }, deps);
  const server = await startTestServer({ store });
  const stop = async (): Promise<void> => {
    await server.stop();
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { ...server, stop };
}

clientSuite('LocalClient on the API server', async () => {
  const { server, stop } = await openServer();
  const client = new LocalClient(server.backend, { name: 'admin', groups: ['system:masters', 'system:authenticated'] });
  return { client, close: stop };
});

clientSuite('HttpClient on the API server', async () => {
  const { url, ca, stop } = await openServer();
  const client = new HttpClient({ server: url, tls: () => ({ ca }), token: () => 'admin' }, { clock: systemClock });
  const close = async (): Promise<void> => {
    await client.close();
    await stop();
  };
  return { client, close };
});
