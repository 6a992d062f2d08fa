// The Job controller: runs pods until enough of them have succeeded, or too many have failed.

import { deepEqual } from '../../api/copy.ts';
import { labelSelectorMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { JOBS, PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { ControllerExpectations } from './controller-expectations.ts';
import { byControllerUid, claimObjects, controllerOf } from './controller-ref.ts';
import { type JobPlan, planJob } from './job-plan.ts';
import { isTracked, jobPod, type PodRequest, TRACKING } from './job-pods.ts';
import { isNamespaceGone } from './service-account.ts';

/** Value of spec.managedBy for this controller. */
const MANAGER = 'kubernetes.io/job-controller';

type PodObject = Pod & KubeObject;
type JobObject = Job & KubeObject;

/** Runs Jobs. */
export function jobController(deps: ControllerDeps): Component {
  const setup = () => {
    const jobs = deps.informers.informer(JOBS);
    const pods = deps.informers.informer(PODS, { indexers: { ...byControllerUid, ...podIndexers } });
    const reconciler = new JobReconciler(deps, { jobs: jobs.lister, pods: pods.lister });
    const sources = [source(jobs), source(pods, (change) => reconciler.podKeys(change))];
    return { sources, reconcile: (key: string, signal: AbortSignal) => reconciler.reconcile(key, signal) };
  };
  return new ControllerLoop({ name: 'job', setup }, deps);
}

/** Pods by the key of the Job that controls them, whether or not it is there; and those without a controller by namespace. */
const podIndexers = {
  jobKey: (pod: PodObject): readonly string[] => {
    const owner = controllerOf(pod);
    return owner?.kind === 'Job' ? [`${pod.metadata.namespace}/${owner.name}`] : [];
  },
  jobCandidates: (pod: PodObject): readonly string[] => (controllerOf(pod) ? [] : [pod.metadata.namespace ?? '']),
};

class JobReconciler {
  readonly #deps: ControllerDeps;
  readonly #jobs: Lister<JobObject>;
  readonly #pods: Lister<PodObject>;
  readonly #recorder: ReturnType<ControllerDeps['recorder']>;
  readonly #expectations: ControllerExpectations;

  constructor(deps: ControllerDeps, listers: { readonly jobs: Lister<JobObject>; readonly pods: Lister<PodObject> }) {
    this.#deps = deps;
    this.#jobs = listers.jobs;
    this.#pods = listers.pods;
    this.#recorder = deps.recorder('job-controller');
    this.#expectations = new ControllerExpectations(deps.clock);
  }

  /** The jobs that a change of a pod concerns, also one that is gone and left its finalizer on the pod. */
  podKeys(change: Change<PodObject>): string[] {
    const { object, old } = change;
    const owner = controllerOf(object);
    const keys = owner?.kind === 'Job' ? [`${object.metadata.namespace}/${owner.name}`] : [];
    this.#expectations.observe(keys, change);
    const before = old && controllerOf(old);
    if (before?.kind === 'Job' && before.uid !== owner?.uid) keys.push(`${object.metadata.namespace}/${before.name}`);
    if (owner) return keys;
    const labels = object.metadata.labels ?? {};
    const selecting = this.#jobs.list(object.metadata.namespace).filter((j) => labelSelectorMatcher(j.spec?.selector).matches(labels));
    return [...keys, ...selecting.map(keyOf)];
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const job = this.#jobs.get(key);
    await this.#releaseStrangers(key, job, signal);
    if (!job) {
      this.#expectations.forget(key);
      return undefined;
    }
    if (job.spec?.managedBy !== undefined && job.spec.managedBy !== MANAGER) return undefined;
    if (isOver(job)) return undefined;
    const mayCount = this.#expectations.satisfied(key);
    const pods = await this.#claim(job, signal);
    const plan = planJob(job, pods, this.#deps.clock.now());
    await this.#writeStatus(job, plan, signal);
    for (const pod of plan.release) await this.#release(pod, signal);
    if (mayCount) await this.#carryOut(job, plan, signal);
    return plan.waitMs === undefined ? undefined : { requeueAfterMs: plan.waitMs };
  }

  /** Pods of a job of this name that is gone must not be held by its finalizer. */
  async #releaseStrangers(key: string, job: JobObject | undefined, signal: AbortSignal): Promise<void> {
    const { namespace, name } = nameOf(key);
    for (const pod of this.#pods.list(namespace)) {
      const owner = controllerOf(pod);
      if (owner?.kind === 'Job' && owner.name === name && owner.uid !== job?.metadata.uid && isTracked(pod))
        await this.#release(pod, signal);
    }
  }

  #claim(job: JobObject, signal: AbortSignal): Promise<PodObject[]> {
    const { namespace = '', uid = '' } = job.metadata;
    const objects = [...this.#pods.byIndex('controllerUid', uid), ...this.#pods.byIndex('jobCandidates', namespace)];
    const selector = labelSelectorMatcher(job.spec?.selector);
    return claimObjects(this.#deps.client, { owner: job, ownerResource: JOBS, selector, resource: PODS, objects }, signal);
  }

  async #writeStatus(job: JobObject, { status, finished }: JobPlan, signal: AbortSignal): Promise<void> {
    if (deepEqual(status, job.status)) return;
    await this.#deps.client.update(JOBS, { ...job, status }, { subresource: 'status', signal });
    if (finished?.type === 'Complete') this.#recorder.event(job, 'Normal', 'Completed', 'Job completed');
    else if (finished) this.#recorder.event(job, 'Warning', finished.reason ?? '', finished.message ?? '');
    const suspension = (conditions: typeof status.conditions) => conditions?.find((c) => c.type === 'Suspended');
    const now = suspension(status.conditions);
    if (now && now !== suspension(job.status?.conditions)) {
      this.#recorder.event(job, 'Normal', now.status === 'True' ? 'Suspended' : 'Resumed', now.message ?? '');
    }
  }

  async #carryOut(job: JobObject, plan: JobPlan, signal: AbortSignal): Promise<void> {
    const doomed = [...plan.end, ...plan.drop];
    if (doomed.length + plan.create.length === 0) return;
    const deletions = doomed.map((pod) => pod.metadata.uid ?? '');
    this.#expectations.expect(keyOf(job), { creations: plan.create.length, deletions });
    const results = await Promise.allSettled([
      ...plan.end.map((pod) => this.#delete(job, pod, signal)),
      ...plan.drop.map((pod) => this.#drop(job, pod, signal)),
      ...plan.create.map((request) => this.#create(job, request, signal)),
    ]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #create(job: JobObject, request: PodRequest, signal: AbortSignal): Promise<void> {
    try {
      const created = await this.#deps.client.create(PODS, jobPod(job, request), { signal });
      this.#recorder.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    } catch (error) {
      this.#expectations.creationObserved(keyOf(job));
      // A namespace that goes takes no pods: nothing to retry.
      if (isNamespaceGone(error)) return;
      this.#recorder.event(job, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  async #drop(job: JobObject, pod: PodObject, signal: AbortSignal): Promise<void> {
    try {
      await this.#release(pod, signal);
    } catch (error) {
      this.#expectations.deletionObserved(keyOf(job), pod.metadata.uid ?? '');
      throw error;
    }
    await this.#delete(job, pod, signal);
  }

  async #delete(job: JobObject, pod: PodObject, signal: AbortSignal): Promise<void> {
    const { uid = '' } = pod.metadata;
    try {
      await this.#deps.client.delete(PODS, nameOf(keyOf(pod)), { preconditions: { uid }, signal });
      this.#recorder.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      this.#expectations.deletionObserved(keyOf(job), uid);
      if (!isNotFound(error)) throw error;
    }
  }

  /** Takes the finalizer off exactly the version of the pod that was looked at. */
  async #release(pod: PodObject, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion, finalizers = [] } = pod.metadata;
    const left = finalizers.filter((name) => name !== TRACKING);
    const body = { metadata: { uid, resourceVersion, finalizers: left.length > 0 ? left : null } };
    try {
      await this.#deps.client.patch(PODS, nameOf(keyOf(pod)), { type: 'merge', body }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Whether the job has its last condition. */
function isOver(job: JobObject): boolean {
  return job.status?.conditions?.some((c) => c.status === 'True' && (c.type === 'Complete' || c.type === 'Failed')) ?? false;
}
