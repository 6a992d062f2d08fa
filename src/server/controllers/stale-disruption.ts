// Takes back the condition DisruptionTarget of pods that were announced to go and are still there two minutes later.

import { type KubeObject, nameOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { msUntilStale } from './disruption-plan.ts';

/** The controller. Its keys are pods. */
export function staleDisruptionController(deps: ControllerDeps): Component {
  const setup = () => {
    const pods = deps.informers.informer(PODS);
    const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
      const pod = pods.lister.get(key);
      const left = pod && msUntilStale(pod, deps.clock.now());
      if (pod === undefined || left === undefined) return undefined;
      if (left > 0) return { requeueAfterMs: left };
      await withdraw(pod, key, signal);
      return undefined;
    };
    const withdraw = async (pod: Pod & KubeObject, key: string, signal: AbortSignal): Promise<void> => {
      const lastTransitionTime = rfc3339(deps.clock.now());
      const conditions = (pod.status?.conditions ?? []).map((c) =>
        c.type === 'DisruptionTarget' ? { type: c.type, status: 'False', lastTransitionTime } : c,
      );
      const body = { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { conditions } };
      await deps.client.patch(PODS, nameOf(key), { type: 'merge', body }, { subresource: 'status', signal }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    };
    const announced = source(pods, ({ type, object }) =>
      type !== 'deleted' && msUntilStale(object, deps.clock.now()) !== undefined
        ? [`${object.metadata.namespace}/${object.metadata.name}`]
        : [],
    );
    return { sources: [announced], reconcile };
  };
  return new ControllerLoop({ name: 'stale-disruption', workers: 1, setup }, deps);
}
