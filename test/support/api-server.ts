// A real API server on a real TLS port over a store in memory, for integration tests: users are named by a bearer token.

import { unauthorized } from '../../src/api/status-error.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import type { UserInfo } from '../../src/client/api-backend.ts';
import type { Authenticator, Authorizer } from '../../src/server/auth/auth.ts';
import { serviceResolver } from '../../src/server/extensions/service-resolver.ts';
import { WebhookClient } from '../../src/server/extensions/webhook-client.ts';
import { ApiServer, type ApiServerDeps, type ApiServerOptions } from '../../src/server/http/api-server.ts';
import { registryReader } from '../../src/server/registry/registry-reader.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { MemoryJournal } from './memory-journal.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from './test-certificates.ts';

/** `Bearer admin` is an administrator, `Bearer <name>` a user of that name, `Bearer bad` is refused, nothing is anonymous. */
const tokenNames: Authenticator = {
  async authenticate({ authorization }): Promise<UserInfo | undefined> {
    const name = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    if (name === 'bad') throw unauthorized();
    if (name === undefined) return undefined;
    return { name, groups: name === 'admin' ? ['system:masters', 'system:authenticated'] : ['system:authenticated'] };
  },
};

/** Administrators may do anything, others read ConfigMaps of their own namespace, everybody may see the public paths. */
const simpleRules: Authorizer = {
  authorize({ user, resource, path }) {
    const admin = user.groups.includes('system:masters');
    const own = resource?.namespace === user.name && resource.resource === 'configmaps';
    const open = path !== undefined && /^\/(healthz|livez|readyz|version)/.test(path);
    return { decision: admin || own || open ? 'allow' : 'none', reason: '' };
  },
};

const tokens: ApiServerDeps['tokens'] = {
  issue: (subject, { lifeSeconds }) => ({
    token: `token-of-${subject.serviceAccount.name}`,
    expires: systemClock.now() + lifeSeconds * 1000,
  }),
  review: () => ({ fault: 'invalid bearer token' }),
  keySet: () => ({ keys: [] }),
  discovery: (jwksUri) => ({ issuer: 'test', jwks_uri: jwksUri }),
};

/** A running server. */
export interface TestServer {
  readonly server: ApiServer;
  readonly store: MemoryStore;
  readonly url: string;
  readonly ca: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startTestServer(
  deps: Partial<ApiServerDeps> & { log?: Logger } = {},
  options: Partial<ApiServerOptions> = {},
): Promise<TestServer> {
  const journal = new MemoryJournal();
  const log = deps.log ?? silentLogger;
  const store = new MemoryStore({ content: journal.content() }, { journal, clock: systemClock, log });
  const server = new ApiServer(
    {
      host: '127.0.0.1',
      port: 0,
      tls: { cert: SERVER_CERT, key: SERVER_KEY, clientCa: TEST_CA },
      serviceCidrs: ['10.43.0.0/16'],
      advertiseAddress: '198.51.100.1',
      ...options,
    },
    {
      store,
      clock: systemClock,
      log,
      authenticator: tokenNames,
      authorizer: simpleRules,
      admission: [],
      tokens,
      audiences: ['api'],
      rulesFor: () => ({ rules: [], faults: [] }),
      kubelet: { tls: () => ({ ca: TEST_CA }) },
      webhooks: new WebhookClient({ userAgent: 'test' }, { clock: systemClock, resolver: serviceResolver(registryReader(store)) }),
      ...deps,
    },
  );
  await server.start();
  const stop = async (): Promise<void> => {
    await server.stop();
    await store.close();
  };
  return { server, store, url: `https://127.0.0.1:${server.port}`, ca: TEST_CA, stop };
}
