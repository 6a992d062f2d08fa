// Discovery and OpenAPI: documents made of the served resources.

import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from '../../api/discovery.ts';
import type { GroupVersion } from '../../api/resources.ts';
import { resourceNotFound } from '../registry/call-result.ts';
import { type DiscoverySource, DocumentCache, sendDocument } from './document-cache.ts';
import { encodeAs } from './encoded-object.ts';
import type { Exchange } from './exchange.ts';
import { MEDIA_TYPES, negotiate, parseAccept } from './media-type.ts';
import { type OpenApiOptions, openApiRoutes } from './openapi-routes.ts';
import { sendBytes } from './response-writer.ts';
import type { Route } from './routes.ts';

/** What discovery tells. */
export interface DiscoveryOptions extends OpenApiOptions {
  /** host:port as clients reach the server. */
  readonly serverAddress: () => string;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const JSON_TYPE = 'application/json';
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
  const { format } = negotiate(exchange.header('accept'));
  await sendBytes(exchange, { code: 200, type: MEDIA_TYPES[format] }, await encodeAs(object, format));
}

/** Routes of /api, /apis and /openapi. */
export function discoveryRoutes(source: DiscoverySource, options: DiscoveryOptions): Route[] {
  const cache = new DocumentCache(source, options.clock);
  const aggregated = (exchange: Exchange, of: 'core' | 'groups'): boolean => {
    if (!wantsAggregated(exchange)) return false;
    const document = cache.get(`aggregated/${of}`, (resources) => aggregatedDiscovery(resources, of, source.remote));
    sendDocument(exchange, document, { 'content-type': AGGREGATED, 'cache-control': 'public' });
    return true;
  };
  const groupVersion = (exchange: Exchange, gv: GroupVersion): Promise<void> => {
    const list = apiResourceList(source.infos(), gv);
    if (list.resources.length === 0) throw resourceNotFound();
    return sendObject(exchange, list);
  };
  const groups = (exchange: Exchange): Promise<void> | undefined =>
    aggregated(exchange, 'groups') ? undefined : sendObject(exchange, apiGroupList(source.infos(), source.remote));
  return [
    {
      path: '/api',
      handle: (exchange) => (aggregated(exchange, 'core') ? undefined : sendObject(exchange, apiVersions(options.serverAddress()))),
    },
    { path: '/api/v1', handle: (exchange) => groupVersion(exchange, { group: '', version: 'v1' }) },
    { path: '/apis', handle: groups },
    {
      path: '/apis/',
      listed: false,
      handle: (exchange) => {
        const [group = '', version] = exchange.path.split('/').filter(Boolean).slice(1);
        if (group === '') return groups(exchange);
        if (version !== undefined) return groupVersion(exchange, { group, version });
        const found = apiGroup(source.infos(), group, source.remote);
        if (!found) throw resourceNotFound();
        return sendObject(exchange, found);
      },
    },
    ...openApiRoutes(source, cache, options),
  ];
}
