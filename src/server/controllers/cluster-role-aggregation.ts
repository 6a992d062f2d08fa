// Keeps the rules of aggregating cluster roles (`admin`, `edit`, `view` and users' own) the union of those they select.

import { keyOf, nameOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { CLUSTER_ROLES } from '../../client/resources.ts';
import { aggregatedRules } from '../auth/aggregated-roles.ts';
import type { ControllerDeps } from './controller.ts';

/** Aggregates cluster roles. Any change of a role may concern every aggregating one; these are few. */
export function clusterRoleAggregationController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'clusterrole-aggregation',
      workers: 1,
      setup: () => {
        const roles = deps.informers.informer(CLUSTER_ROLES);
        const aggregating = (): string[] =>
          roles.lister
            .list()
            .filter((role) => role.aggregationRule)
            .map(keyOf);
        return {
          sources: [source(roles, aggregating)],
          async reconcile(key, signal): Promise<undefined> {
            const role = roles.lister.get(key);
            const rules = role && aggregatedRules(role, roles.lister.list());
            if (!rules) return undefined;
            const body = { metadata: { uid: role.metadata.uid }, rules };
            try {
              await deps.client.patch(CLUSTER_ROLES, nameOf(key), { type: 'merge', body }, { signal });
            } catch (error) {
              // Deleted meanwhile: nothing to aggregate into.
              if (!isNotFound(error)) throw error;
            }
            return undefined;
          },
        };
      },
    },
    deps,
  );
}
