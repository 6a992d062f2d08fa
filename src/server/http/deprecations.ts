// Resources that clients are told to leave: a warning goes with every answer about them.

import type { GroupVersionResource } from '../../api/resources.ts';

const WARNINGS: Readonly<Record<string, string>> = {
  '/v1/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
  '/v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** What a client that uses the resource is warned of, or undefined. */
export function deprecationOf({ group, version, resource }: GroupVersionResource): string | undefined {
  return WARNINGS[`${group}/${version}/${resource}`];
}
