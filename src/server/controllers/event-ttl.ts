// The event TTL controller: deletes Events an hour after they were last written. It lists them in pages now and then instead of
// watching them: Events are many and nobody here needs them sooner.

import { keyOf, nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { EVENTS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { isEventExpired } from './event-ttl-plan.ts';

/** Between two sweeps: an Event lives up to this much longer. */
const SWEEP_PERIOD_MS = 120_000;
/** Events looked at in one go. */
const PAGE = 500;

async function sweep(deps: ControllerDeps, signal: AbortSignal): Promise<ReconcileResult> {
  let next: string | undefined;
  do {
    const page = await deps.client.list(EVENTS, { limit: PAGE, ...(next && { continue: next }), signal });
    next = page.metadata.continue;
    for (const event of page.items.filter((item) => isEventExpired(item, deps.clock.now()))) {
      const { uid = '', resourceVersion = '' } = event.metadata;
      try {
        await deps.client.delete(EVENTS, nameOf(keyOf(event)), { preconditions: { uid, resourceVersion }, signal });
      } catch (error) {
        // Gone, or written again and thereby young.
        if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
      }
    }
  } while (next);
  return { requeueAfterMs: SWEEP_PERIOD_MS };
}

/** Deletes old Events. */
export function eventTtlController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'event-ttl',
      workers: 1,
      setup: (queue) => ({ sources: [], onSynced: () => queue.add('sweep'), reconcile: (_key, signal) => sweep(deps, signal) }),
    },
    deps,
  );
}
