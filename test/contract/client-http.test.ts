import { systemClock } from '../../src/base/clock.ts';
import { HttpClient } from '../../src/client/http-client.ts';
import { FakeApi } from '../support/fake-api.ts';
import { FakeApiServer } from '../support/fake-api-server.ts';
import { TEST_CA } from '../support/test-certificates.ts';
import { clientSuite } from './client-suite.ts';

clientSuite('HttpClient on the fake API', async () => {
  const api = new FakeApi();
  const server = new FakeApiServer(api);
  const client = new HttpClient({ server: await server.listen(), tls: () => ({ ca: TEST_CA }) }, { clock: systemClock });
  const close = async (): Promise<void> => {
    await client.close();
    await server.close();
  };
  return { client, compact: () => api.compact(), close };
});
