// OpenAPI of extension API servers: asked for when a client asks this server, kept packed, asked for again with their ETags.

import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import type { JsonObject } from '../../../api/openapi/definitions.ts';
import { partOfOpenApiV2 } from '../../../api/openapi/v2-merge.ts';
import { openApiV3OfV2 } from '../../../api/openapi/v2-to-v3.ts';
import { openApiHash, openApiV3Path, openApiV3Url } from '../../../api/openapi/v3.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { RemoteClient, RemoteDocument } from './remote-client.ts';
import { groupVersionPath, type RemoteService } from './remote-service.ts';

/** What is known is not asked for again within this time, as upstream. */
const REFRESH_MS = 60_000;
/** A client's request for a document waits no longer than this for a server that does not answer. */
const FETCH_MS = 5_000;

/** Who asks for documents. */
export const OPENAPI_USER: UserInfo = { name: 'system:aggregator', groups: ['system:masters'] };

/** What is known of one group version. */
interface Known {
  /** Monotonic time of the last attempt. */
  readonly at: number;
  /** The part of its server's OpenAPI v2 that is about it, gzip of JSON. */
  readonly v2?: { readonly etag: string | undefined; readonly packed: Buffer };
  /** Where its server has its OpenAPI v3 document. */
  readonly v3Url?: string;
  /** Stands for the document that is made of `v2`, where its server has no OpenAPI v3 at all. */
  readonly convertedHash?: string;
}

/** Where a server has its OpenAPI v3 document; `none` = it has none of any group version. */
type V3Location = { readonly url?: string } | 'none';

/** A document that is made when it is asked for. */
export interface ConvertedDocument {
  readonly hash: string;
  make(): JsonObject;
}

const located = (url: string | undefined): V3Location => (url === undefined ? {} : { url });

/** What was packed here: an object. */
const unpack = (packed: Buffer): JsonObject => JSON.parse(gunzipSync(packed).toString('utf8')) as JsonObject;

/** The documents by group version; as many as there are remote APIServices. */
export class RemoteOpenApi {
  readonly #deps: { readonly client: Pick<RemoteClient, 'document'>; readonly clock: Pick<Clock, 'monotonic'>; readonly log: Logger };
  readonly #onChange: () => void;
  readonly #known = new Map<string, Known>();
  /** The refresh under way: who asks meanwhile waits for the same. */
  #refreshing: Promise<void> | undefined;

  constructor(
    options: { onChange: () => void },
    deps: { client: Pick<RemoteClient, 'document'>; clock: Pick<Clock, 'monotonic'>; log: Logger },
  ) {
    this.#deps = deps;
    this.#onChange = options.onChange;
  }

  /** Forgets what is not among `paths`. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }

  /** Brings up to date what is due, of those servers that answer. Never rejects. */
  refresh(remotes: readonly RemoteService[]): Promise<void> {
    const due = remotes.filter((remote) => {
      const at = this.#known.get(groupVersionPath(remote))?.at;
      return remote.available && (at === undefined || this.#deps.clock.monotonic() - at >= REFRESH_MS);
    });
    if (due.length === 0) return Promise.resolve();
    this.#refreshing ??= Promise.all(due.map((remote) => this.#refreshOne(remote))).then(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** The OpenAPI v2 documents of those of the group versions that are known. */
  v2(remotes: readonly RemoteService[]): JsonObject[] {
    return remotes.flatMap((remote) => {
      const packed = this.#known.get(groupVersionPath(remote))?.v2?.packed;
      return packed ? [unpack(packed)] : [];
    });
  }

  /** Where the OpenAPI v3 documents of the group versions are, by their path in the index. */
  v3(remotes: readonly RemoteService[]): ReadonlyMap<string, string> {
    return new Map(
      remotes.flatMap((remote): [string, string][] => {
        const { v3Url, convertedHash } = this.#known.get(groupVersionPath(remote)) ?? {};
        const path = openApiV3Path(remote);
        const url = convertedHash === undefined ? v3Url : openApiV3Url(path, convertedHash);
        return url === undefined ? [] : [[path, url]];
      }),
    );
  }

  /** The OpenAPI v3 document that is made of the server's v2, if that is what is known of it. */
  converted(remote: RemoteService): ConvertedDocument | undefined {
    const { v2, convertedHash } = this.#known.get(groupVersionPath(remote)) ?? {};
    if (!v2 || convertedHash === undefined) return undefined;
    return { hash: convertedHash, make: () => openApiV3OfV2(unpack(v2.packed)) };
  }

  async #refreshOne(remote: RemoteService): Promise<void> {
    const path = groupVersionPath(remote);
    const before = this.#known.get(path);
    const [v2, v3] = await Promise.all([this.#fetchV2(remote, before), this.#fetchV3(remote, before)]);
    const v3Url = v3 === 'none' ? undefined : v3.url;
    const convertedHash = v3 === 'none' && v2 ? openApiHash(v2.packed.toString('base64')) : undefined;
    const next: Known = {
      at: this.#deps.clock.monotonic(),
      ...(v2 && { v2 }),
      ...(v3Url !== undefined && { v3Url }),
      ...(convertedHash !== undefined && { convertedHash }),
    };
    this.#known.set(path, next);
    const isSameV2 = before?.v2 === v2 || (before?.v2 && v2 && before.v2.packed.equals(v2.packed));
    const isSame = isSameV2 && before?.v3Url === v3Url && before?.convertedHash === convertedHash;
    if (!isSame) this.#onChange();
  }

  async #fetchV2(remote: RemoteService, before: Known | undefined): Promise<Known['v2']> {
    const etag = before?.v2?.etag;
    const answer = await this.#ask(remote, '/openapi/v2', {
      accept: 'application/json',
      ...(etag !== undefined && { 'if-none-match': etag }),
    });
    if (answer?.code !== 200) return answer?.code === 404 ? undefined : before?.v2;
    const document = this.#parse(answer, remote);
    if (!document) return before?.v2;
    const part = JSON.stringify(partOfOpenApiV2(document, groupVersionPath(remote)));
    return { etag: answer.headers.etag, packed: await promisify(gzip)(part) };
  }

  async #fetchV3(remote: RemoteService, before: Known | undefined): Promise<V3Location> {
    const answer = await this.#ask(remote, '/openapi/v3', { accept: 'application/json' });
    if (answer?.code === 404) return 'none';
    if (answer?.code !== 200) return before?.convertedHash === undefined ? located(before?.v3Url) : 'none';
    const paths = this.#parse(answer, remote)?.['paths'] as Record<string, { serverRelativeURL?: string }> | undefined; // An index, if it is one.
    return located(paths?.[openApiV3Path(remote)]?.serverRelativeURL);
  }

  async #ask(remote: RemoteService, path: string, headers: Record<string, string>): Promise<RemoteDocument | undefined> {
    try {
      return await this.#deps.client.document(remote, { path, headers, user: OPENAPI_USER, timeoutMs: FETCH_MS });
    } catch (error) {
      this.#deps.log.warn('openapi of an extension api server failed', { path: groupVersionPath(remote), error: messageOf(error) });
      return undefined;
    }
  }

  #parse(answer: RemoteDocument, remote: RemoteService): JsonObject | undefined {
    try {
      return JSON.parse(answer.body.toString('utf8')) as JsonObject; // What is no object has none of the keys that are read.
    } catch (error) {
      this.#deps.log.warn('openapi of an extension api server is not readable', {
        path: groupVersionPath(remote),
        error: messageOf(error),
      });
      return undefined;
    }
  }
}
