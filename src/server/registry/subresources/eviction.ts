// pods/eviction: a delete that asks the disruption budgets first.

import { labelSelectorMatcher } from '../../../api/labels.ts';
import { badRequest, internalError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { DeleteOptions } from '../../../api/types/meta-v1.gen.ts';
import type * as policy from '../../../api/types/policy-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { ApiCall } from '../../../client/api-backend.ts';
import { checkPreconditions } from '../object-deleter.ts';
import { isDryRun } from '../object-writer.ts';
import type { ServedResource } from '../served-resource.ts';
import { draftOf } from '../stored-form.ts';
import type { Action, ActionEnv } from '../subresource.ts';
import { askBudget, isFreeToGo, withDisruptionTarget } from './eviction-rules.ts';
import { successStatus } from './success-status.ts';

function budgetsOf(env: ActionEnv, pod: core.Pod): policy.PodDisruptionBudget[] {
  const served = env.served('policy', 'v1', 'poddisruptionbudgets');
  const all = env.store.list<policy.PodDisruptionBudget>(`${served.prefix}${pod.metadata.namespace}/`).entries;
  return all.map((entry) => entry.object).filter((budget) => labelSelectorMatcher(budget.spec.selector).matches(pod.metadata.labels ?? {}));
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
        draft.status.disruptionsAllowed = (draft.status.disruptionsAllowed ?? 0) - 1;
        draft.status.disruptedPods = { ...draft.status.disruptedPods, [pod.metadata.name ?? '']: rfc3339(env.nowMs) };
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

/** The sub-resource. */
export const evictionAction: Action = {
  type: 'action',
  async run(env, { call, served, parent, body }) {
    const pod = parent.object as core.Pod; // what is stored under the prefix of pods
    const eviction = body as policy.Eviction; // decoded as an Eviction
    const { name } = eviction.metadata;
    if (name && name !== call.name) throw badRequest('name in URL does not match name in Eviction object');
    const options = eviction.deleteOptions ?? {};
    const dryRun = isDryRun(call) || (options.dryRun?.length ?? 0) > 0;
    if (!isFreeToGo(pod)) {
      const [budget, second] = budgetsOf(env, pod);
      if (second) throw internalError('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
      if (budget) {
        const answer = askBudget(budget, pod);
        if (answer.type === 'refused') throw answer.error;
        if (answer.type === 'spend' && !dryRun) await spend(env, { call, budget, pod });
      }
    }
    const last = dryRun ? options : await announce(env, { call, served, options });
    await env.delete(served, { ...call, verb: 'delete', subresource: '' }, last);
    return successStatus();
  },
};
