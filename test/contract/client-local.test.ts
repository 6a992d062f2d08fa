import { LocalClient } from '../../src/client/local-client.ts';
import { FakeApi } from '../support/fake-api.ts';
import { clientSuite } from './client-suite.ts';

clientSuite('LocalClient on the fake API', async () => {
  const api = new FakeApi();
  const client = new LocalClient(api, { name: 'system:admin', groups: ['system:masters', 'system:authenticated'] });
  return { client, compact: () => api.compact(), close: async () => {} };
});
