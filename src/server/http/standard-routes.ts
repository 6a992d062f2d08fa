// The paths every API server has beside resources: health, version, discovery, OpenAPI, metrics.

import { VERSION } from '../../base/version.ts';
import type { ResourceCatalog } from '../registry/resource-catalog.ts';
import type { Route } from './routes.ts';

/** What the routes show. */
export interface StandardRouteDeps {
  readonly catalog: ResourceCatalog;
  readonly hooks: () => readonly { name: string; done: boolean }[];
}

/** The routes. */
export function standardRoutes(deps: StandardRouteDeps): Route[] {
  const text = { 'content-type': 'text/plain; charset=utf-8' };
  const health: Route['handle'] = (exchange) => {
    const ok = deps.hooks().every((hook) => hook.done);
    exchange.send(ok ? 200 : 500, text, ok ? 'ok' : 'not ready');
  };
  return [
    { path: '/healthz', handle: health },
    { path: '/livez', handle: health },
    { path: '/readyz', handle: health },
    {
      path: '/version',
      handle: (exchange) =>
        exchange.send(200, { 'content-type': 'application/json' }, JSON.stringify({ major: '1', minor: '36', gitVersion: VERSION })),
    },
  ];
}
