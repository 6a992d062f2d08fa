// OpenAPI v2 and v3 of the served resources.

import { randomUUID } from 'node:crypto';
import { servedGroupVersions } from '../../api/discovery.ts';
import type { Descriptions, JsonObject } from '../../api/openapi/definitions.ts';
import type { OpenApiInput } from '../../api/openapi/document.ts';
import { openApiV2 } from '../../api/openapi/v2.ts';
import { mergedOpenApiV2 } from '../../api/openapi/v2-merge.ts';
import { openApiV2Protobuf } from '../../api/openapi/v2-protobuf.ts';
import { openApiHash, openApiV3, openApiV3Index, openApiV3Path, openApiV3Url } from '../../api/openapi/v3.ts';
import type { GroupVersion, ResourceInfo } from '../../api/resources.ts';
import { builtinSchema } from '../../api/schema/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { LapsingValue } from '../../base/lapsing-value.ts';
import { BUILD_ID, GIT_COMMIT, KUBERNETES_VERSION } from '../../base/version.ts';
import { resourceNotFound } from '../registry/call-result.ts';
import { type DiscoverySource, type DocumentCache, sendDocument } from './document-cache.ts';
import type { Exchange } from './exchange.ts';
import { parseAccept } from './media-type.ts';
import type { Route } from './routes.ts';

/** What the documents say beyond the tables. */
export interface OpenApiOptions {
  readonly clock: Clock;
  readonly customKind?: OpenApiInput['customKind'];
  /** Reads the descriptions of messages and fields; what it returns is let go of once no document is being made. */
  readonly descriptions?: () => Descriptions;
}

/** Documents are made in bursts: the descriptions are held so long after the last. */
const DESCRIPTIONS_MS = 10_000;

const JSON_TYPE = 'application/json';
/** What client-go asks /openapi/v2 for. The answer's type is written with a dot, as upstream does: `@` is no token of RFC 9110. */
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** Makes the documents. */
class DocumentMaker {
  readonly #source: DiscoverySource;
  readonly #options: OpenApiOptions;
  readonly #descriptions: LapsingValue<Descriptions> | undefined;
  /** Clients keep documents of an index entry for good: sources without a commit are another build at each start. */
  readonly #build = GIT_COMMIT === '' ? randomUUID() : BUILD_ID;

  constructor(source: DiscoverySource, options: OpenApiOptions) {
    this.#source = source;
    this.#options = options;
    const { descriptions, clock } = options;
    this.#descriptions = descriptions && new LapsingValue(descriptions, { ms: DESCRIPTIONS_MS, clock });
  }

  #input(resources: readonly ResourceInfo[], groupVersions: readonly GroupVersion[]): OpenApiInput {
    const descriptions = this.#descriptions?.get();
    const { customKind } = this.#options;
    return {
      resources,
      groupVersions,
      schema: builtinSchema(),
      version: KUBERNETES_VERSION,
      ...(customKind && { customKind }),
      ...(descriptions && { descriptions }),
    };
  }

  v2(resources: readonly ResourceInfo[]): JsonObject {
    const own = openApiV2(this.#input(resources, servedGroupVersions(resources)));
    return mergedOpenApiV2(own, this.#source.remote?.openApiV2() ?? []);
  }

  /** @throws StatusError NotFound when nothing is served there */
  groupVersion(path: string): GroupVersion {
    const found = servedGroupVersions(this.#source.infos()).find((item) => openApiV3Path(item) === path);
    if (!found) throw resourceNotFound();
    return found;
  }

  v3(gv: GroupVersion, resources: readonly ResourceInfo[]): object {
    return openApiV3(this.#input(of(gv, resources), servedGroupVersions(resources)));
  }

  /** Stands for the content of a document without making it: what it is made of, hashed. */
  hash(gv: GroupVersion, resources: readonly ResourceInfo[]): string {
    const own = of(gv, resources);
    const custom = own.map(({ group, version, kind }) => this.#options.customKind?.({ group, version, kind })?.fingerprint);
    return openApiHash(JSON.stringify([this.#build, servedGroupVersions(resources), own, custom]));
  }

  index(resources: readonly ResourceInfo[]): object {
    const own = servedGroupVersions(resources).map((gv): [string, string] => [
      openApiV3Path(gv),
      openApiV3Url(openApiV3Path(gv), this.hash(gv, resources)),
    ]);
    return openApiV3Index(new Map([...own, ...(this.#source.remote?.openApiV3() ?? [])]));
  }
}

const of = (gv: GroupVersion, resources: readonly ResourceInfo[]): ResourceInfo[] =>
  resources.filter((info) => info.group === gv.group && info.version === gv.version);

/** Routes of /openapi. */
export function openApiRoutes(source: DiscoverySource, cache: DocumentCache, options: OpenApiOptions): Route[] {
  const maker = new DocumentMaker(source, options);
  return [
    {
      path: '/openapi/v2',
      handle: async (exchange) => {
        await source.remote?.refreshOpenApi();
        if (exchange.header('accept')?.includes(OPENAPI_V2_PROTOBUF)) {
          const document = cache.get('v2-protobuf', (resources) => Buffer.from(openApiV2Protobuf(maker.v2(resources))));
          sendDocument(exchange, document, { 'content-type': OPENAPI_V2_PROTOBUF.replace('@', '.') });
          return;
        }
        checkJsonAccept(exchange);
        const document = cache.get('v2', (resources) => maker.v2(resources));
        sendDocument(exchange, document, { 'content-type': JSON_TYPE });
      },
    },
    {
      path: '/openapi/v3',
      handle: async (exchange) => {
        checkJsonAccept(exchange);
        await source.remote?.refreshOpenApi();
        const document = cache.get('v3', (resources) => maker.index(resources));
        sendDocument(exchange, document, { 'content-type': JSON_TYPE });
      },
    },
    {
      path: '/openapi/v3/',
      listed: false,
      handle: async (exchange) => {
        const path = exchange.path.slice('/openapi/v3/'.length);
        const converted = await source.remote?.openApiV3Converted(path);
        const remote = converted ? undefined : source.remote?.openApiV3Handler(path);
        if (remote) {
          await remote(exchange);
          return;
        }
        checkJsonAccept(exchange);
        const gv = converted ? undefined : maker.groupVersion(path);
        const asked = exchange.query.get('hash');
        const hash = asked === null ? undefined : gv ? maker.hash(gv, source.infos()) : converted?.hash;
        if (hash !== undefined && hash !== asked) {
          exchange.send(301, { location: openApiV3Url(path, hash) }, '');
          return;
        }
        const document = cache.get(`v3/${path}`, (resources) => (gv ? maker.v3(gv, resources) : (converted?.make() ?? {})));
        const kept = hash === undefined ? {} : { 'cache-control': 'public, immutable' };
        sendDocument(exchange, document, { 'content-type': JSON_TYPE, ...kept });
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
