// Documents that are made when first asked for (discovery, OpenAPI): kept packed while they are in use, until the resources change.

import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { RemoteDiscovery } from '../../api/discovery.ts';
import type { JsonObject } from '../../api/openapi/definitions.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { Clock } from '../../base/clock.ts';
import { LapsingValue } from '../../base/lapsing-value.ts';
import type { Exchange } from './exchange.ts';

/** The served resources, and a number that grows when they change. */
export interface DiscoverySource {
  readonly generation: number;
  infos(): ResourceInfo[];
  /** What other servers add; absent = nothing. */
  readonly remote?: RemoteDocuments;
}

/** Documents of other servers that are shown beside this server's own. */
export interface RemoteDocuments extends RemoteDiscovery {
  /** Brings what is known of their OpenAPI up to date, within a bound of time. */
  refreshOpenApi(): Promise<void>;
  /** Their OpenAPI v2 documents, cut down to the paths they are registered for. */
  openApiV2(): readonly JsonObject[];
  /** What the index of OpenAPI v3 says of their documents: URLs by path, e.g. `apis/example.com/v1`. */
  openApiV3(): ReadonlyMap<string, string>;
  /** The OpenAPI v3 document of a path whose server has only version 2: its hash, and the document made of that. Asks the server when it is due. */
  openApiV3Converted(path: string): Promise<{ readonly hash: string; make(): JsonObject } | undefined>;
  /** Serves the OpenAPI v3 document of a path from the server it is of; undefined when there is none. */
  openApiV3Handler(path: string): ((exchange: Exchange) => Promise<void>) | undefined;
}

/** A document as it is sent. */
export interface SentDocument {
  readonly etag: string;
  readonly bytes: Buffer;
  /** Whether `bytes` are compressed. */
  readonly packed: boolean;
}

/** Documents from this size on are kept compressed only: most clients take them so, for the others they are inflated. */
const PACK_FROM_BYTES = 64 << 10;

/** Clients fetch all documents in a burst and then keep them: after this time without a request a document only costs memory. */
const UNUSED_MS = 3 * 60_000;

/** Documents by name. The names are those of the group versions: bounded by what is served. */
export class DocumentCache {
  readonly #source: DiscoverySource;
  readonly #clock: Clock;
  readonly #documents = new Map<string, LapsingValue<SentDocument>>();
  #generation = -1;

  constructor(source: DiscoverySource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** `make` gives the bytes, or an object to be sent as JSON. */
  get(name: string, make: (resources: readonly ResourceInfo[]) => object | Buffer): SentDocument {
    if (this.#generation !== this.#source.generation) {
      this.#documents.clear();
      this.#generation = this.#source.generation;
    }
    let document = this.#documents.get(name);
    if (!document) {
      document = new LapsingValue(() => pack(make(this.#source.infos())), { ms: UNUSED_MS, clock: this.#clock });
      this.#documents.set(name, document);
    }
    return document.get();
  }
}

function pack(made: object | Buffer): SentDocument {
  const bytes = Buffer.isBuffer(made) ? made : Buffer.from(JSON.stringify(made));
  const etag = `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"`;
  const packed = bytes.byteLength >= PACK_FROM_BYTES;
  return { etag, packed, bytes: packed ? gzipSync(bytes) : bytes };
}

/** Sends a document, or only that the client has it already. */
export function sendDocument(exchange: Exchange, document: SentDocument, headers: Readonly<Record<string, string>>): void {
  const head = { ...headers, etag: document.etag, vary: 'Accept' };
  if (exchange.header('if-none-match') === document.etag) {
    exchange.begin(304, head);
    exchange.response.end();
    return;
  }
  if (!document.packed) exchange.send(200, head, document.bytes);
  else if (/\bgzip\b/.test(exchange.header('accept-encoding') ?? '')) {
    exchange.send(200, { ...head, vary: 'Accept, Accept-Encoding', 'content-encoding': 'gzip' }, document.bytes);
  } else exchange.send(200, { ...head, vary: 'Accept, Accept-Encoding' }, gunzipSync(document.bytes));
}
