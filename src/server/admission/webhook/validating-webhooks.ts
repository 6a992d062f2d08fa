// ValidatingAdmissionWebhook: asks all webhooks that a request is for, at the same time; one that refuses is enough.

import type { ValidatingWebhook } from '../../../api/types/admissionregistration-v1.gen.ts';
import { VALIDATING_WEBHOOK_CONFIGURATIONS } from '../../../client/resources.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { isExempt, matchRequest } from '../resource-match.ts';
import { MatchConditions } from './match-conditions.ts';
import { askWebhook, type CallDeps, checkWaiting, type Question, questionOf, underPolicy, type WebhookDeps } from './webhook-call.ts';
import { type CompiledWebhook, WebhookSet } from './webhook-set.ts';

const OPEN_KEY = 'failed-open.validating.webhook.admission.k8s.io/round_0_index_';

/** A webhook that the request is for, and what it is asked. */
interface Relevant {
  readonly hook: CompiledWebhook<ValidatingWebhook>;
  readonly question: Question;
}

/** The plugin. */
export function validatingWebhooks(deps: WebhookDeps): AdmissionPlugin {
  const set = new WebhookSet<ValidatingWebhook>(VALIDATING_WEBHOOK_CONFIGURATIONS, deps.reader);
  const conditions = new MatchConditions(deps);
  return {
    name: 'ValidatingAdmissionWebhook',
    async validate(request) {
      if (isExempt(request)) return;
      const relevant: Relevant[] = [];
      for (const hook of set.list()) {
        const form = matchRequest(hook.match, request, deps.reader);
        if (!form) continue;
        const question = await questionOf(request, form, false);
        if (await conditions.hold(hook.webhook, question)) relevant.push({ hook, question });
      }
      if (relevant.length === 0) return;
      checkWaiting(request);
      const results = await Promise.allSettled(relevant.map((each, index) => ask(each, index, deps)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  };
}

async function ask({ hook, question }: Relevant, index: number, deps: CallDeps): Promise<void> {
  const turn = { request: question.request, type: 'validating', openKey: OPEN_KEY + index } as const;
  await underPolicy(hook, turn, { deps, run: () => askWebhook(hook, question, deps.client) });
}
