// Flow control of a cluster, put together: what lets requests run, what keeps it in step with the cluster's objects, what shows it.

import type { Clock } from '../../../base/clock.ts';
import type { Component } from '../../../base/component.ts';
import type { Logger } from '../../../base/log.ts';
import type { ApiBackend } from '../../../client/api-backend.ts';
import { LocalClient } from '../../../client/local-client.ts';
import { SharedInformerFactory } from '../../../client/shared-informer.ts';
import { LOOPBACK_USER } from '../../auth/auth.ts';
import type { Route } from '../routes.ts';
import { flowConfigController, flowConfigHook } from './flow-config-controller.ts';
import { FlowControl } from './flow-control.ts';
import { flowDumpRoutes } from './flow-dump-routes.ts';

/** The parts that the API server takes. */
export interface ClusterFlowControl {
  readonly control: FlowControl;
  /** Follows the cluster's objects; to be started when they are there. */
  readonly upkeep: Component;
  /** Makes them. */
  readonly hook: typeof flowConfigHook;
  readonly routes: readonly Route[];
}

/** Puts it together. `seats` = requests that may run at once, default 600. */
export function clusterFlowControl(
  options: { readonly seats?: number | undefined },
  deps: { readonly backend: ApiBackend; readonly clock: Clock; readonly log: Logger },
): ClusterFlowControl {
  const { backend, clock, log } = deps;
  const control = new FlowControl(options, { clock });
  const client = new LocalClient(backend, LOOPBACK_USER, { userAgent: 'kube-apiserver' });
  const informers = new SharedInformerFactory({ client, clock, log });
  const controller = flowConfigController({ backend, informers, clock, log, flowControl: control });
  return {
    control,
    hook: flowConfigHook,
    routes: flowDumpRoutes(control),
    upkeep: {
      name: controller.name,
      start: () => controller.start(),
      async stop() {
        await controller.stop();
        await informers.stop();
      },
    },
  };
}
