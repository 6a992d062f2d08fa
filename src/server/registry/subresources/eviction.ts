// pods/eviction: a delete that asks the disruption budgets first.

import { labelSelectorMatcher } from '../../../api/labels.ts';
import { badRequest, isConflict, notFound, StatusError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { DeleteOptions } from '../../../api/types/meta-v1.gen.ts';
import type * as policy from '../../../api/types/policy-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { ApiCall } from '../../../client/api-backend.ts';
import { checkPreconditions } from '../delete-options.ts';
import { isDryRun } from '../object-writer.ts';
import { keyFor, type ServedResource } from '../served-resource.ts';
import { draftOf } from '../stored-form.ts';
import type { Action, ActionEnv } from '../subresource.ts';
import { askBudget, isFreeToGo, mayBecomeReady, notSettled, spentStatus, withDisruptionTarget } from './eviction-rules.ts';
import { successStatus } from './success-status.ts';

function selects({ spec }: policy.PodDisruptionBudget, pod: core.Pod): boolean {
  try {
    return labelSelectorMatcher(spec.selector).matches(pod.metadata.labels);
  } catch {
    return false; // A selector that validation would not take today selects nothing.
  }
}

function budgetsOf(env: ActionEnv, pod: core.Pod): policy.PodDisruptionBudget[] {
  const served = env.served('policy', 'v1', 'poddisruptionbudgets');
  const all = env.store.list<policy.PodDisruptionBudget>(`${served.prefix}${pod.metadata.namespace}/`).entries;
  return all.map((entry) => entry.object).filter((budget) => selects(budget, pod));
}

/** Counts the disruption in the budget's status. @throws StatusError TooManyRequests */
async function spend(env: ActionEnv, way: { call: ApiCall; budget: policy.PodDisruptionBudget; pod: core.Pod }): Promise<void> {
  const { call, budget, pod } = way;
  const resource = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
  const served = env.served(resource.group, resource.version, resource.resource);
  const status = { ...call, verb: 'patch' as const, resource, subresource: 'status', name: budget.metadata.name ?? '' };
  await env.update(served, status, {
    subresource: 'status',
    transform: (current) => {
      const draft = draftOf(current) as policy.PodDisruptionBudget; // what is stored under that prefix
      const answer = askBudget(draft, pod);
      if (answer.type === 'refused') throw answer.error;
      if (answer.type === 'spend' && draft.status) {
        return { ...draft, status: spentStatus(draft, pod.metadata.name ?? '', rfc3339(env.nowMs)) };
      }
      return draft;
    },
    prepare: () => {},
  });
}

interface EvictionWay {
  readonly call: ApiCall;
  readonly served: ServedResource;
  readonly options: DeleteOptions;
}

/** Notes in the pod why it goes, so that its owner can tell. Returns the options for the pod as it then is. @throws StatusError Conflict */
async function announce(env: ActionEnv, { call, served, options }: EvictionWay): Promise<DeleteOptions> {
  const status = { ...call, verb: 'patch' as const, resource: served.info, subresource: 'status' };
  const { object } = await env.update(served, status, {
    subresource: 'status',
    transform: (current) => {
      checkPreconditions(served, current, options);
      return withDisruptionTarget(draftOf(current) as core.Pod, rfc3339(env.nowMs)); // what is stored under the prefix of pods
    },
    prepare: () => {},
  });
  const { resourceVersion } = object.metadata;
  if (options.preconditions?.resourceVersion === undefined || resourceVersion === undefined) return options;
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

/** Attempts at a pod that changes while it is evicted: upstream's bound. */
const MAX_ATTEMPTS = 20;

const MANY_BUDGETS = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';

/** What lets a pod go. */
interface Leave {
  /** It holds for the pod as it was seen only. */
  readonly asSeen: boolean;
  /** The budget that was asked. */
  readonly budget?: string;
}

/** Asks the budgets of a pod; what is spent is counted. @throws StatusError when the pod must stay */
async function leaveFor(env: ActionEnv, way: { call: ApiCall; pod: core.Pod; dryRun: boolean }): Promise<Leave> {
  const { call, pod, dryRun } = way;
  if (isFreeToGo(pod)) return { asSeen: mayBecomeReady(pod) };
  const [budget, second] = budgetsOf(env, pod);
  if (second) throw new StatusError(500, '', MANY_BUDGETS);
  if (!budget) return { asSeen: false };
  const answer = askBudget(budget, pod);
  if (answer.type === 'refused') throw answer.error;
  if (answer.type === 'spend' && !dryRun) await spend(env, { call, budget, pod });
  return { asSeen: answer.type === 'allowed', budget: budget.metadata.name ?? '' };
}

/** Notes why the pod goes, and deletes it. @throws StatusError */
async function evict(env: ActionEnv, way: EvictionWay & { dryRun: boolean }): Promise<void> {
  const { call, served, options, dryRun } = way;
  const last = dryRun ? options : await announce(env, { call, served, options });
  await env.delete(served, { ...call, verb: 'delete', subresource: '' }, last);
}

/** The options with the version of the pod as a precondition, unless the client has named one. */
function heldTo(pod: core.Pod, options: DeleteOptions): DeleteOptions {
  const { resourceVersion } = pod.metadata;
  if (resourceVersion === undefined) return options;
  return { ...options, preconditions: { resourceVersion, ...options.preconditions } };
}

/** The sub-resource. */
export const evictionAction: Action = {
  type: 'action',
  async run(env, { call, served, parent, body }) {
    const eviction = body as policy.Eviction; // decoded as an Eviction
    const { name } = eviction.metadata;
    if (name && name !== call.name) throw badRequest('name in URL does not match name in Eviction object');
    const options = eviction.deleteOptions ?? {};
    const dryRun = isDryRun(call) || (options.dryRun?.length ?? 0) > 0;
    let pod = parent.object as core.Pod; // what is stored under the prefix of pods
    for (let attempt = 1; ; attempt++) {
      const { asSeen, budget } = await leaveFor(env, { call, pod, dryRun });
      try {
        await evict(env, { call, served, options: asSeen ? heldTo(pod, options) : options, dryRun });
        return successStatus();
      } catch (error) {
        if (!asSeen || !isConflict(error) || options.preconditions?.resourceVersion !== undefined) throw error;
        if (budget !== undefined) throw notSettled(budget);
        if (attempt === MAX_ATTEMPTS) throw error;
      }
      const head = env.store.head<core.Pod>(keyFor(served, call.namespace, call.name));
      if (!head) throw notFound(served.info, call.name);
      pod = head.object;
    }
  },
};
