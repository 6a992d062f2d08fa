// ValidatingAdmissionWebhook: asks all webhooks that a request is for, at the same time; one that refuses is enough.

import type { KubeObject } from '../../../api/object.ts';
import type { ValidatingWebhook } from '../../../api/types/admissionregistration-v1.gen.ts';
import { VALIDATING_WEBHOOK_CONFIGURATIONS } from '../../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest, ResourceForm } from '../admission.ts';
import type { AdmissionReader } from '../admission-reader.ts';
import { isExempt, matchRequest } from '../resource-match.ts';
import { askWebhook, type CallDeps, checkWaiting, underPolicy } from './webhook-call.ts';
import { type CompiledWebhook, WebhookSet } from './webhook-set.ts';

const OPEN_KEY = 'failed-open.validating.webhook.admission.k8s.io/round_0_index_';

/** A webhook that the request is for. */
interface Relevant {
  readonly hook: CompiledWebhook<ValidatingWebhook>;
  readonly form: ResourceForm;
}

/** The plugin. */
export function validatingWebhooks(deps: CallDeps & { readonly reader: AdmissionReader }): AdmissionPlugin {
  const set = new WebhookSet<ValidatingWebhook>(VALIDATING_WEBHOOK_CONFIGURATIONS, deps.reader);
  return {
    name: 'ValidatingAdmissionWebhook',
    async validate(request) {
      if (isExempt(request)) return;
      const relevant = set.list().flatMap((hook): Relevant[] => {
        const form = matchRequest(hook.match, request, deps.reader);
        return form ? [{ hook, form }] : [];
      });
      if (relevant.length === 0) return;
      checkWaiting(request);
      const results = await Promise.allSettled(relevant.map((each, index) => ask(request, each, { ...deps, index })));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  };
}

async function ask(request: AdmissionRequest, { hook, form }: Relevant, deps: CallDeps & { readonly index: number }): Promise<void> {
  const converted = async (object: KubeObject | undefined) => object && (await request.forms.convert(object, form.kind));
  await underPolicy(hook, { request, openKey: OPEN_KEY + deps.index, log: deps.log }, async () => {
    const object = await converted(request.object);
    const oldObject = await converted(request.oldObject);
    await askWebhook(hook, { request, form, object, oldObject, mutating: false }, deps.client);
  });
}
