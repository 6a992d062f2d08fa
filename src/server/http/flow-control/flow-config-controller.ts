// Keeps flow control in step with the cluster's FlowSchemas and PriorityLevelConfigurations, makes sure that upstream's are there, and writes
// the condition Dangling: upstream's config producer and config consumer. Works when something changes, not by the clock.

import type { FlowSchema, PriorityLevelConfiguration } from '../../../api/types/flowcontrol-v1.gen.ts';
import { type Clock, rfc3339 } from '../../../base/clock.ts';
import type { Component } from '../../../base/component.ts';
import type { Logger } from '../../../base/log.ts';
import type { ApiBackend } from '../../../client/api-backend.ts';
import type { Client, TypedResource } from '../../../client/client.ts';
import { ControllerLoop, source } from '../../../client/controller-loop.ts';
import type { InformerFactory } from '../../../client/informer.ts';
import { LocalClient } from '../../../client/local-client.ts';
import { FLOW_SCHEMAS, PRIORITY_LEVEL_CONFIGURATIONS } from '../../../client/resources.ts';
import { LOOPBACK_USER } from '../../auth/auth.ts';
import { danglingCondition, type FlowStep, flowConfigPlan } from './flow-config-plan.ts';
import type { FlowControl } from './flow-control.ts';

/** Under these names upstream's parts own fields. */
const PRODUCER = 'api-priority-and-fairness-config-producer-v1';
const CONSUMER = 'api-priority-and-fairness-config-consumer-v1';
/** Everything is looked at together: there are some twenty objects, and they depend on each other. */
const KEY = 'all';

/** The post-start hook: makes upstream's objects before the server is ready. */
export const flowConfigHook = {
  name: 'priority-and-fairness-config-producer',
  async run({ backend }: { readonly backend: ApiBackend }): Promise<void> {
    const client = new LocalClient(backend, LOOPBACK_USER, { userAgent: PRODUCER });
    const [schemas, levels] = await Promise.all([client.list(FLOW_SCHEMAS), client.list(PRIORITY_LEVEL_CONFIGURATIONS)]);
    await carryOut(client, flowConfigPlan({ schemas: schemas.items, levels: levels.items }));
  },
};

/** What the controller needs. */
export interface FlowConfigDeps {
  readonly backend: ApiBackend;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly flowControl: Pick<FlowControl, 'configure'>;
}

/** The controller. */
export function flowConfigController(deps: FlowConfigDeps): Component {
  const producer = new LocalClient(deps.backend, LOOPBACK_USER, { userAgent: PRODUCER });
  const consumer = new LocalClient(deps.backend, LOOPBACK_USER, { userAgent: CONSUMER });
  return new ControllerLoop(
    {
      name: 'flow-config',
      workers: 1,
      setup: () => {
        const schemas = deps.informers.informer(FLOW_SCHEMAS);
        const levels = deps.informers.informer(PRIORITY_LEVEL_CONFIGURATIONS);
        return {
          sources: [source(schemas, () => [KEY]), source(levels, () => [KEY])],
          async reconcile() {
            const found = { schemas: schemas.lister.list(), levels: levels.lister.list() };
            deps.flowControl.configure(found);
            await carryOut(producer, flowConfigPlan(found));
            for (const schema of found.schemas) await tellDangling(consumer, schema, { levels: found.levels, clock: deps.clock });
            return undefined;
          },
        };
      },
    },
    deps,
  );
}

async function carryOut(client: Client, plan: ReturnType<typeof flowConfigPlan>): Promise<void> {
  // Levels first, so that no schema points nowhere.
  await Promise.all(plan.levels.map((step) => write(client, PRIORITY_LEVEL_CONFIGURATIONS, step)));
  await Promise.all(plan.schemas.map((step) => write(client, FLOW_SCHEMAS, step)));
}

async function write<T extends FlowSchema | PriorityLevelConfiguration>(
  client: Client,
  resource: TypedResource<T>,
  { action, object }: FlowStep<T>,
): Promise<void> {
  if (action === 'create') await client.create(resource, object);
  else if (action === 'update') await client.update(resource, object);
  else await client.delete(resource, { namespace: '', name: object.metadata.name ?? '' });
}

async function tellDangling(
  client: Client,
  schema: FlowSchema,
  { levels, clock }: { levels: readonly PriorityLevelConfiguration[]; clock: Clock },
): Promise<void> {
  const condition = danglingCondition(schema, levels);
  if (!condition) return;
  const body = { status: { conditions: [{ ...condition, lastTransitionTime: rfc3339(clock.now()) }] } };
  await client.patch(
    FLOW_SCHEMAS,
    { namespace: '', name: schema.metadata.name ?? '' },
    { type: 'strategic', body },
    { subresource: 'status' },
  );
}
