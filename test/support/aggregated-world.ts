// A real API server with an aggregation layer, and an extension API server that is not registered with it yet.

import assert from 'node:assert/strict';
import type { KubeObject } from '../../src/api/object.ts';
import type { APIService } from '../../src/api/types/apiregistration-v1.gen.ts';
import type { EndpointSlice } from '../../src/api/types/discovery-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { type CertifiedKey, createAuthority, fromPem, generateKey, issueCertificate, publicKeyOf } from '../../src/base/x509.ts';
import { parseCertificate } from '../../src/base/x509-parse.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { Aggregator } from '../../src/server/extensions/aggregation/aggregator.ts';
import { serviceResolver } from '../../src/server/extensions/service-resolver.ts';
import { authorityProfile, leafProfile } from '../../src/server/pki/certificate-plan.ts';
import { registryReader } from '../../src/server/registry/registry-reader.ts';
import { startTestServer, type TestServer } from './api-server.ts';
import { ExtensionServer } from './extension-server.ts';

/** The APIService of the extension server. */
export const FLUNDERS_SERVICE = { namespace: '', name: 'v1alpha1.wardle.example.com' };

/** What a test has. */
export interface AggregatedWorld {
  readonly server: TestServer;
  readonly client: LocalClient;
  readonly informers: SharedInformerFactory;
  readonly aggregator: Aggregator;
  readonly extension: ExtensionServer;
  /** Of the extension server. */
  readonly port: number;
  readonly requestHeaderCa: CertifiedKey;
  /** The APIService, to be created. */
  apiService(spec?: Partial<APIService['spec']>): APIService & KubeObject;
  stop(): Promise<void>;
}

function leaf(commonName: string, issuer: CertifiedKey, dns: readonly string[] = []): CertifiedKey {
  const key = generateKey();
  const profile = leafProfile(
    { subject: { commonName }, usages: dns.length > 0 ? ['server'] : ['client'], ...(dns.length > 0 && { sans: { dns, ips: [] } }) },
    parseCertificate(fromPem(issuer.certificate)),
    Date.now(),
  );
  return { key, certificate: issueCertificate(profile, publicKeyOf(key), issuer) };
}

/** Starts it. */
export async function startAggregatedWorld(): Promise<AggregatedWorld> {
  const authority = createAuthority(authorityProfile('server-ca', Date.now()));
  const requestHeaderCa = createAuthority(authorityProfile('request-header-ca', Date.now()));
  const identity = leaf('system:auth-proxy', requestHeaderCa);
  const extension = new ExtensionServer({
    serving: leaf('wardle', authority, ['sample-api.wardle.svc']),
    requestHeaderCa: requestHeaderCa.certificate,
  });
  const port = await extension.listen();
  let reader: ReturnType<typeof registryReader> | undefined;
  const aggregator = new Aggregator({
    client: () => client,
    informers: () => informers,
    resolver: { resolve: (target) => serviceResolver(reader ?? assert.fail('no store yet')).resolve(target) },
    identity: () => identity,
    clock: systemClock,
    log: silentLogger,
  });
  // Endpoints on loopback are what a test can have and a cluster cannot.
  const server = await startTestServer({ aggregation: aggregator, validator: { validateCreate: () => [], validateUpdate: () => [] } });
  reader = registryReader(server.store);
  const client = new LocalClient(server.server.backend, LOOPBACK_USER);
  const everything = aggregator.client(client, LOOPBACK_USER);
  const informers = new SharedInformerFactory({ client: everything, clock: systemClock, log: silentLogger });
  await aggregator.start();
  return {
    server,
    client,
    informers,
    aggregator,
    extension,
    port,
    requestHeaderCa,
    apiService: (spec = {}) => ({
      metadata: { name: FLUNDERS_SERVICE.name },
      spec: {
        group: 'wardle.example.com',
        version: 'v1alpha1',
        groupPriorityMinimum: 2_000,
        versionPriority: 200,
        service: { namespace: 'wardle', name: 'sample-api', port: 443 },
        caBundle: Buffer.from(authority.certificate).toString('base64'),
        ...spec,
      },
    }),
    async stop() {
      await aggregator.stop();
      await informers.stop();
      await server.stop();
      await extension.close();
    },
  };
}

/** The endpoint of the extension server's Service. */
export function endpointsAt(port: number): EndpointSlice & KubeObject {
  return {
    metadata: { name: 'sample-api-1', namespace: 'wardle', labels: { 'kubernetes.io/service-name': 'sample-api' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: 'https', port }],
  };
}

/** Looks until it holds, for at most some seconds. */
export async function eventually<T>(look: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const value = await look();
    if (holds(value) || attempt === 250) return value;
    await systemClock.sleep(20);
  }
}
