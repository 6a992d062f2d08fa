// What extension API servers serve, as they say themselves: their aggregated discovery document, or one made of their legacy documents.
// Asked for when they are looked at anyway; what was known last is shown as stale while they do not answer.

import { versionDiscovery } from '../../../api/discovery-conversion.ts';
import type { GroupVersion } from '../../../api/resources.ts';
import type { APIGroupDiscoveryList, APIVersionDiscovery } from '../../../api/types/apidiscovery-v2.gen.ts';
import type { APIResourceList } from '../../../api/types/meta-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import { AGGREGATOR_USER } from './availability.ts';
import type { RemoteClient } from './remote-client.ts';
import { groupVersionPath, type RemoteService } from './remote-service.ts';

/** Documents are asked for again after this, as upstream. */
const REFRESH_MS = 60_000;
const FETCH_MS = 5_000;
/** The first is understood by servers from 1.30, the second since 1.26; what others answer is the legacy list. */
const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList;q=0.9',
  'application/json;q=0.8',
].join(',');

/** What is known of one group version. */
interface Known {
  readonly document: APIVersionDiscovery;
  readonly etag: string | undefined;
  /** Monotonic. */
  readonly at: number;
}

/** The documents by group version; as many as there are remote APIServices. */
export class RemoteDiscoveryDocuments {
  readonly #client: Pick<RemoteClient, 'document'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #log: Logger;
  readonly #onChange: () => void;
  readonly #known = new Map<string, Known>();

  /** `onChange` is called when a document differs from before. */
  constructor(
    options: { onChange: () => void },
    deps: { client: Pick<RemoteClient, 'document'>; clock: Pick<Clock, 'monotonic'>; log: Logger },
  ) {
    this.#client = deps.client;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onChange = options.onChange;
  }

  /** What to show for a group version. */
  document(gv: GroupVersion): APIVersionDiscovery {
    return this.#known.get(groupVersionPath(gv))?.document ?? { version: gv.version, freshness: 'Stale' };
  }

  /** Forgets what is not among `paths`. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }

  /** Takes that a server was looked at: fetches its document when it is due. */
  async refresh(remote: RemoteService, passed: boolean, signal: AbortSignal): Promise<void> {
    const path = groupVersionPath(remote);
    const known = this.#known.get(path);
    if (!passed) {
      if (known) this.#set(path, { ...known, document: { ...known.document, freshness: 'Stale' } });
      return;
    }
    const isFresh = known?.document.freshness === 'Current' && this.#clock.monotonic() - known.at < REFRESH_MS;
    if (isFresh) return;
    try {
      this.#set(path, await this.#fetch(remote, known, signal));
    } catch (error) {
      signal.throwIfAborted();
      this.#log.warn('discovery of an extension api server failed', { path, error: messageOf(error) });
      if (known) this.#set(path, { ...known, document: { ...known.document, freshness: 'Stale' } });
    }
  }

  #set(path: string, next: Known): void {
    const before = this.#known.get(path);
    this.#known.set(path, next);
    if (JSON.stringify(before?.document) !== JSON.stringify(next.document)) this.#onChange();
  }

  async #fetch(remote: RemoteService, known: Known | undefined, signal: AbortSignal): Promise<Known> {
    const at = this.#clock.monotonic();
    const ask = { user: AGGREGATOR_USER, timeoutMs: FETCH_MS, signal };
    const headers = { accept: ACCEPT, ...(known?.etag !== undefined && { 'if-none-match': known.etag }) };
    const answer = await this.#client.document(remote, { ...ask, path: '/apis', headers });
    if (answer.code === 304 && known) return { ...known, at, document: { ...known.document, freshness: 'Current' } };
    if (answer.code === 200 && answer.headers['content-type']?.includes('as=APIGroupDiscoveryList')) {
      const document = findVersion(parse<APIGroupDiscoveryList>(answer.body), remote);
      return { document: { ...document, freshness: 'Current' }, etag: answer.headers.etag, at };
    }
    const legacy = await this.#client.document(remote, { ...ask, path: groupVersionPath(remote), headers: { accept: 'application/json' } });
    const list = legacy.code === 200 ? parse<APIResourceList>(legacy.body) : { groupVersion: '', resources: [] };
    return { document: versionDiscovery(remote.version, list), etag: undefined, at };
  }
}

/** What an extension API server sends is typed as far as it is read: names of resources and verbs that clients are shown. */
function parse<T>(body: Buffer): T {
  return JSON.parse(body.toString('utf8')) as T;
}

function findVersion(list: APIGroupDiscoveryList, gv: GroupVersion): APIVersionDiscovery {
  const group = list.items?.find(({ metadata }) => metadata?.name === gv.group);
  return group?.versions?.find(({ version }) => version === gv.version) ?? { version: gv.version };
}
