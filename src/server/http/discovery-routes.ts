// Discovery and OpenAPI: documents made of the served resources when first asked for, kept as bytes until the resources change.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions, servedGroupVersions } from '../../api/discovery.ts';
import type { OpenApiInput } from '../../api/openapi/document.ts';
import { openApiV2 } from '../../api/openapi/v2.ts';
import { openApiV2Protobuf } from '../../api/openapi/v2-protobuf.ts';
import { openApiHash, openApiV3, openApiV3Index, openApiV3Path } from '../../api/openapi/v3.ts';
import type { GroupVersion, ResourceInfo } from '../../api/resources.ts';
import { builtinSchema } from '../../api/schema/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import { KUBERNETES_VERSION } from '../../base/version.ts';
import { resourceNotFound } from '../registry/pipeline.ts';
import type { Exchange } from './exchange.ts';
import { negotiate, parseAccept } from './media-type.ts';
import { encodeAs, sendBytes } from './response-writer.ts';
import type { Route } from './routes.ts';

/** The served resources, and a number that grows when they change. */
export interface DiscoverySource {
  readonly generation: number;
  infos(): ResourceInfo[];
}

/** What discovery tells. */
export interface DiscoveryOptions {
  /** host:port as clients reach the server. */
  readonly serverAddress: () => string;
  /** What OpenAPI says beyond the tables. */
  readonly openApi?: Pick<OpenApiInput, 'descriptions' | 'customKind'>;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const JSON_TYPE = 'application/json';
/** What client-go asks /openapi/v2 for. The answer's type is written with a dot, as upstream does: `@` is no token of RFC 9110. */
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

interface CachedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
  /** Large documents are kept compressed too: every client fetches them. */
  readonly packed: Buffer | undefined;
}

/** Documents from this size on are also kept compressed. */
const PACK_FROM_BYTES = 64 << 10;

/** Documents by name, dropped when the resources change. The names are those of the group versions: bounded by what is served. */
class DocumentCache {
  readonly #source: DiscoverySource;
  readonly #documents = new Map<string, CachedDocument>();
  #generation = -1;

  constructor(source: DiscoverySource) {
    this.#source = source;
  }

  /** `make` gives the bytes, or an object to be sent as JSON. */
  get(name: string, make: (resources: readonly ResourceInfo[]) => object | Buffer): CachedDocument {
    if (this.#generation !== this.#source.generation) {
      this.#documents.clear();
      this.#generation = this.#source.generation;
    }
    const known = this.#documents.get(name);
    if (known) return known;
    const made = make(this.#source.infos());
    const bytes = Buffer.isBuffer(made) ? made : Buffer.from(JSON.stringify(made));
    const hash = createHash('sha512').update(bytes).digest('hex').toUpperCase();
    const document = { bytes, etag: `"${hash}"`, packed: bytes.byteLength >= PACK_FROM_BYTES ? gzipSync(bytes) : undefined };
    this.#documents.set(name, document);
    return document;
  }
}

function sendDocument(exchange: Exchange, document: CachedDocument, headers: Record<string, string>): void {
  const head = { ...headers, etag: document.etag, vary: 'Accept' };
  if (exchange.header('if-none-match') === document.etag) {
    exchange.begin(304, head);
    exchange.response.end();
    return;
  }
  const zip = document.packed && /\bgzip\b/.test(exchange.header('accept-encoding') ?? '');
  if (zip && document.packed) exchange.send(200, { ...head, 'content-encoding': 'gzip' }, document.packed);
  else exchange.send(200, head, document.bytes);
}

/** Whether the client wants the aggregated document before anything else that is served. */
function wantsAggregated(exchange: Exchange): boolean {
  for (const { type, params } of parseAccept(exchange.header('accept') ?? '')) {
    if (params.has('as')) {
      if (type === JSON_TYPE && params.get('as') === 'APIGroupDiscoveryList' && params.get('v') === 'v2') return true;
    } else if (type === JSON_TYPE || type === '*/*') return false;
  }
  return false;
}

async function sendObject(exchange: Exchange, object: object): Promise<void> {
  const { format, mediaType } = negotiate(exchange.header('accept'));
  await sendBytes(exchange, { code: 200, type: mediaType }, await encodeAs(object, format));
}

/** Routes of /api, /apis and /openapi. */
export function discoveryRoutes(source: DiscoverySource, options: DiscoveryOptions): Route[] {
  const cache = new DocumentCache(source);
  const aggregated = (exchange: Exchange, of: 'core' | 'groups'): boolean => {
    if (!wantsAggregated(exchange)) return false;
    const document = cache.get(`aggregated/${of}`, (resources) => aggregatedDiscovery(resources, of));
    sendDocument(exchange, document, { 'content-type': AGGREGATED });
    return true;
  };
  const groupVersion = (exchange: Exchange, gv: GroupVersion): Promise<void> => {
    const list = apiResourceList(source.infos(), gv);
    if (list.resources.length === 0) throw resourceNotFound();
    return sendObject(exchange, list);
  };
  return [
    {
      path: '/api',
      handle: (exchange) => (aggregated(exchange, 'core') ? undefined : sendObject(exchange, apiVersions(options.serverAddress()))),
    },
    { path: '/api/v1', handle: (exchange) => groupVersion(exchange, { group: '', version: 'v1' }) },
    {
      path: '/apis',
      handle: (exchange) => (aggregated(exchange, 'groups') ? undefined : sendObject(exchange, apiGroupList(source.infos()))),
    },
    {
      path: '/apis/',
      listed: false,
      handle: (exchange) => {
        const [group = '', version] = exchange.path.split('/').filter(Boolean).slice(1);
        if (version !== undefined) return groupVersion(exchange, { group, version });
        const found = apiGroup(source.infos(), group);
        if (!found) throw resourceNotFound();
        return sendObject(exchange, found);
      },
    },
    ...openApiRoutes(source, { cache, options }),
  ];
}

function openApiRoutes(source: DiscoverySource, way: { cache: DocumentCache; options: DiscoveryOptions }): Route[] {
  const { cache, options } = way;
  const input = (resources: readonly ResourceInfo[], groupVersions: readonly GroupVersion[]): OpenApiInput => ({
    resources,
    groupVersions,
    schema: builtinSchema(),
    version: KUBERNETES_VERSION,
    ...options.openApi,
  });
  const v3 = (path: string): CachedDocument => {
    const all = source.infos();
    const gv = servedGroupVersions(all).find((item) => openApiV3Path(item) === path);
    if (!gv) throw resourceNotFound();
    return cache.get(`v3/${path}`, (resources) => {
      const own = resources.filter((info) => info.group === gv.group && info.version === gv.version);
      return openApiV3(input(own, servedGroupVersions(resources)));
    });
  };
  return [
    {
      path: '/openapi/v2',
      handle: (exchange) => {
        const make = (resources: readonly ResourceInfo[]) => openApiV2(input(resources, servedGroupVersions(resources)));
        if (exchange.header('accept')?.includes(OPENAPI_V2_PROTOBUF)) {
          const document = cache.get('v2-protobuf', (resources) => Buffer.from(openApiV2Protobuf(make(resources))));
          sendDocument(exchange, document, { 'content-type': OPENAPI_V2_PROTOBUF.replace('@', '.') });
          return;
        }
        checkJsonAccept(exchange);
        sendDocument(exchange, cache.get('v2', make), { 'content-type': JSON_TYPE });
      },
    },
    {
      path: '/openapi/v3',
      handle: (exchange) => {
        checkJsonAccept(exchange);
        const document = cache.get('v3', (resources) => {
          const paths = servedGroupVersions(resources).map(openApiV3Path);
          return openApiV3Index(new Map(paths.map((path): [string, string] => [path, openApiHash(v3(path).bytes.toString('utf8'))])));
        });
        sendDocument(exchange, document, { 'content-type': JSON_TYPE });
      },
    },
    {
      path: '/openapi/v3/',
      listed: false,
      handle: (exchange) => {
        checkJsonAccept(exchange);
        const document = v3(exchange.path.slice('/openapi/v3/'.length));
        const cached = exchange.query.has('hash') ? { 'cache-control': 'public, immutable' } : {};
        sendDocument(exchange, document, { 'content-type': JSON_TYPE, ...cached });
      },
    },
  ];
}

/** The documents are served as JSON only; who insists on protobuf is told so and falls back. @throws StatusError NotAcceptable */
function checkJsonAccept(exchange: Exchange): void {
  const ranges = parseAccept(exchange.header('accept') ?? '');
  if (ranges.length === 0 || ranges.some(({ type }) => type === JSON_TYPE || type === '*/*' || type === 'application/*')) return;
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${JSON_TYPE}`);
}
