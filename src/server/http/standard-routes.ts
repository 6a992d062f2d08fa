// The paths every API server has beside resources: health, version, metrics, the list of paths, discovery and OpenAPI.

import { BUILD_DATE, GIT_COMMIT, VERSION } from '../../base/version.ts';
import { type Aggregation, aggregatedSource } from './aggregation.ts';
import { type DiscoveryOptions, discoveryRoutes } from './discovery-routes.ts';
import type { DiscoverySource } from './document-cache.ts';
import { type HealthCheck, healthRoutes } from './health.ts';
import type { Route, RouteTable } from './routes.ts';

/** What the routes show. */
export interface StandardRouteDeps extends DiscoveryOptions {
  readonly source: Pick<DiscoverySource, 'generation' | 'infos'>;
  /** What other servers add to discovery. */
  readonly aggregation?: Aggregation;
  readonly checks: () => readonly HealthCheck[];
  /** The table these routes are part of. */
  readonly table: () => RouteTable;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** /version, as `kubectl version` shows it. */
function versionInfo(): object {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(VERSION) ?? [];
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: VERSION,
    gitCommit: GIT_COMMIT,
    gitTreeState: 'clean',
    buildDate: BUILD_DATE,
    goVersion: `node ${process.version}`,
    compiler: 'node',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}

/** The routes. */
export function standardRoutes(deps: StandardRouteDeps): Route[] {
  return [
    { path: '/', listed: false, handle: (exchange) => exchange.send(200, JSON_TYPE, JSON.stringify({ paths: deps.table().paths() })) },
    { path: '/version', handle: (exchange) => exchange.send(200, JSON_TYPE, JSON.stringify(versionInfo())) },
    ...healthRoutes(deps.checks),
    ...discoveryRoutes(aggregatedSource(deps.source, deps.aggregation), deps),
  ];
}
