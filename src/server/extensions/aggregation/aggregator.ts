// The aggregation layer as one part: which group versions other servers serve, how requests get there, and what discovery shows of them.
// Follows the APIServices; without remote ones it holds their names and nothing else happens.

import { type ExtensionResources, registeredGroupVersion, registeredRank } from '../../../api/api-services.ts';
import type { RankedGroupVersion } from '../../../api/group-priorities.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { GroupVersion, ResourceInfo } from '../../../api/resources.ts';
import type { APIResourceDiscovery } from '../../../api/types/apidiscovery-v2.gen.ts';
import type { APIService } from '../../../api/types/apiregistration-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import { type Component, startAll, stopAll } from '../../../base/component.ts';
import type { Logger } from '../../../base/log.ts';
import type { CertifiedKey } from '../../../base/x509.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Client } from '../../../client/client.ts';
import type { Change, InformerFactory } from '../../../client/informer.ts';
import { API_SERVICES } from '../../../client/resources.ts';
import type { Aggregation } from '../../http/aggregation.ts';
import type { RemoteDocuments } from '../../http/document-cache.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { ServiceResolver } from '../service-resolver.ts';
import { apiServiceAvailability } from './availability.ts';
import { RemoteClient } from './remote-client.ts';
import { RemoteDiscoveryDocuments } from './remote-discovery.ts';
import { OPENAPI_USER, RemoteOpenApi } from './remote-openapi.ts';
import { proxyToRemote } from './remote-proxy.ts';
import { groupVersionOfPath, groupVersionPath, type RemoteService, remoteService } from './remote-service.ts';
import { aggregatedClient } from './remote-transport.ts';

/** What the aggregation layer works with. The client and the informers are asked for at start: they are fed by the server that it serves. */
export interface AggregatorDeps {
  readonly client: () => Client;
  readonly informers: () => InformerFactory;
  readonly resolver: ServiceResolver;
  /** The front proxy's certificate, the newest. */
  readonly identity: () => CertifiedKey;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The layer. `start` resolves when the APIServices are known. */
export class Aggregator implements Aggregation, Component {
  readonly name = 'aggregator';
  readonly #deps: AggregatorDeps;
  readonly #client: RemoteClient;
  readonly #discovery: RemoteDiscoveryDocuments;
  readonly #openApi: RemoteOpenApi;
  readonly #abort = new AbortController();
  /** All by name, and the remote ones by path: as many as there are objects. */
  readonly #registered = new Map<string, RankedGroupVersion>();
  readonly #remote = new Map<string, RemoteService>();
  readonly #listeners = new Set<() => void>();
  #generation = 0;
  #parts: readonly Component[] = [];
  #unsubscribe = (): void => {};

  constructor(deps: AggregatorDeps) {
    this.#deps = deps;
    this.#client = new RemoteClient(deps);
    const shared = { client: this.#client, clock: deps.clock, log: deps.log };
    this.#discovery = new RemoteDiscoveryDocuments({ onChange: () => this.#changed() }, shared);
    this.#openApi = new RemoteOpenApi({ onChange: () => void this.#generation++ }, shared);
  }

  get generation(): number {
    return this.#generation;
  }

  readonly documents: RemoteDocuments = {
    registered: () => [...this.#registered.values()],
    document: (gv) => (this.#remote.has(groupVersionPath(gv)) ? this.#discovery.document(gv) : undefined),
    refreshOpenApi: () => this.#openApi.refresh([...this.#remote.values()]),
    openApiV2: () => this.#openApi.v2([...this.#remote.values()]),
    openApiV3: () => this.#openApi.v3([...this.#remote.values()]),
    openApiV3Converted: async (path) => {
      const remote = this.#remote.get(`/${path}`);
      if (!remote) return undefined;
      await this.#openApi.refresh([remote]);
      return this.#openApi.converted(remote);
    },
    openApiV3Handler: (path) => this.#handler(this.#remote.get(`/${path}`), OPENAPI_USER),
  };

  handlerOf(path: string): ((exchange: Exchange) => Promise<void>) | undefined {
    if (this.#remote.size === 0) return undefined;
    const gv = groupVersionOfPath(path);
    return gv && this.#handler(this.#remote.get(groupVersionPath(gv)));
  }

  #handler(remote: RemoteService | undefined, user?: UserInfo): ((exchange: Exchange) => Promise<void>) | undefined {
    if (!remote) return undefined;
    return (exchange) => proxyToRemote(exchange, remote, { client: this.#client, log: this.#deps.log, ...(user && { user }) });
  }

  /** What extension API servers serve, and which of them do not answer. */
  extensions(): ExtensionResources {
    const resources: ResourceInfo[] = [];
    const unreachable: GroupVersion[] = [];
    for (const remote of this.#remote.values()) {
      const { freshness, resources: items = [] } = this.#discovery.document(remote);
      if (remote.available && freshness === 'Current') resources.push(...items.map((item) => infoOf(remote, item)));
      else unreachable.push({ group: remote.group, version: remote.version });
    }
    return { resources, unreachable };
  }

  /** Calls `listener` whenever `extensions` may tell something else. */
  onChange(listener: () => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  #changed(): void {
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }

  /** A client that reaches their resources beside those of `own`, as `user`. */
  client(own: Client, user: UserInfo): Client {
    const remoteOf = (gv: GroupVersion): RemoteService | undefined => this.#remote.get(groupVersionPath(gv));
    return aggregatedClient({ own, client: this.#client, clock: this.#deps.clock, user, remoteOf });
  }

  async start(): Promise<void> {
    const { clock, log } = this.#deps;
    const informers = this.#deps.informers();
    const services = informers.informer(API_SERVICES);
    this.#unsubscribe = services.onChange((change) => this.#take(change));
    await services.synced(this.#abort.signal);
    const onChecked = (remote: RemoteService, passed: boolean, signal: AbortSignal) => this.#discovery.refresh(remote, passed, signal);
    this.#parts = [apiServiceAvailability({ client: this.#deps.client(), informers, clock, log, remote: this.#client, onChecked })];
    await startAll(this.#parts);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#unsubscribe();
    await stopAll(this.#parts);
    this.#client.close();
  }

  #take({ type, object, old }: Change<APIService & KubeObject>): void {
    const { name = '' } = object.metadata;
    if (old) this.#remote.delete(groupVersionPath(registeredGroupVersion(old)));
    const gv = registeredGroupVersion(object);
    const remote = type === 'deleted' ? undefined : remoteService(object);
    if (type === 'deleted') this.#registered.delete(name);
    else this.#registered.set(name, { ...gv, rank: registeredRank(object) });
    if (remote) this.#remote.set(groupVersionPath(gv), remote);
    else this.#remote.delete(groupVersionPath(gv));
    const paths = new Set(this.#remote.keys());
    this.#discovery.keepOnly(paths);
    this.#openApi.keepOnly(paths);
    this.#changed();
  }
}

/** A resource of an extension API server in the form of this server's own. */
function infoOf({ group, version }: GroupVersion, item: APIResourceDiscovery): ResourceInfo {
  const kind = item.responseKind?.kind ?? '';
  return {
    group,
    version,
    resource: item.resource,
    kind,
    listKind: `${kind}List`,
    singular: item.singularResource,
    namespaced: item.scope === 'Namespaced',
    shortNames: item.shortNames ?? [],
    categories: item.categories ?? [],
    verbs: item.verbs,
    virtual: false,
    hasStatus: false,
    generation: [],
    subresources: [],
  };
}
