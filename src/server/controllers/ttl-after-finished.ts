// Deletes finished Jobs when their spec.ttlSecondsAfterFinished has passed. Kubernetes documentation, "Automatic Cleanup for
// Finished Jobs".

import type { KubeObject } from '../../api/object.ts';
import { nameOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { JOBS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { timeOf } from './replica-set-pods.ts';

/** The controller. Its keys are Jobs. */
export function ttlAfterFinishedController(deps: ControllerDeps): Component {
  const setup = () => {
    const jobs = deps.informers.informer(JOBS);
    const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
      const job = jobs.lister.get(key);
      const left = job && msUntilExpiry(job, deps.clock.now());
      if (left === undefined) return undefined;
      if (left > 0) return { requeueAfterMs: left };
      // A version that is not the one looked at may have another time to live: the conflict brings the newer one.
      const { uid = '', resourceVersion = '' } = job?.metadata ?? {};
      const options = { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion }, signal };
      await deps.client.delete(JOBS, nameOf(key), options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
      return undefined;
    };
    return { sources: [source(jobs)], reconcile };
  };
  return new ControllerLoop({ name: 'ttl-after-finished', setup }, deps);
}

/** Milliseconds until the Job is to be deleted; `undefined` while it runs, without a time to live, or when it is going already. */
export function msUntilExpiry({ metadata, spec, status }: Job & KubeObject, nowMs: number): number | undefined {
  if (spec?.ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp) return undefined;
  const finished = status?.conditions?.find((c) => c.status === 'True' && (c.type === 'Complete' || c.type === 'Failed'));
  const at = timeOf(finished?.lastTransitionTime);
  return at === undefined ? undefined : Math.max(0, at + spec.ttlSecondsAfterFinished * 1000 - nowMs);
}
