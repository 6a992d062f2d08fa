// The client contract on the real API server: in process, and over TLS with HTTP/2.

import { systemClock } from '../../src/base/clock.ts';
import { HttpClient } from '../../src/client/http-client.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { clientSuite } from '../contract/client-suite.ts';
import { startTestServer } from '../support/api-server.ts';

clientSuite('LocalClient on the API server', async () => {
  const { server, stop } = await startTestServer();
  return { client: new LocalClient(server.backend, LOOPBACK_USER), close: stop };
});

clientSuite('HttpClient on the API server', async () => {
  const { url, ca, stop } = await startTestServer();
  const client = new HttpClient({ server: url, tls: () => ({ ca }), token: () => 'admin' }, { clock: systemClock });
  const close = async (): Promise<void> => {
    await client.close();
    await stop();
  };
  return { client, close };
});
