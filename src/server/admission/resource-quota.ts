// ResourceQuota: a create, or an update that grows, must fit into the quotas of its namespace; what it costs is added to their status in the same
// turn as the write, so that not one too many gets in however many are written at once. Rules: "Resource Quotas".

import type { KubeObject } from '../../api/object.ts';
import type { LimitedResource } from '../../api/quota/limited-resources.ts';
import { checkQuotas, type QuotaCharge } from '../../api/quota/quota-check.ts';
import { quotaEvaluator } from '../../api/quota/quota-evaluator.ts';
import type { ResourceQuota } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { RESOURCE_QUOTAS } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionReader, AdmissionWriter } from './admission-reader.ts';
import { refusal } from './refusal.ts';

/** What the plugin needs of the server. */
export interface ResourceQuotaDeps {
  readonly reader: AdmissionReader;
  readonly writer: AdmissionWriter;
  readonly clock: Pick<Clock, 'now'>;
}

/** What nobody may use without a quota. */
type Limits = readonly LimitedResource[];

/** The plugin. Deletions give back through the controller of the same name. */
export function resourceQuotaAdmission(deps: ResourceQuotaDeps, limited: Limits = []): AdmissionPlugin {
  return {
    name: 'ResourceQuota',
    draw(request) {
      const charges = chargesOf(request, deps, limited);
      if (charges.length === 0) return undefined;
      return async () => void (await Promise.all(charges.map((charge) => book(charge, deps.writer))));
    },
  };
}

function chargesOf(request: AdmissionRequest, { reader, clock }: ResourceQuotaDeps, limited: Limits): readonly QuotaCharge[] {
  const { resource, operation, subresource, object, oldObject: old, namespace } = request;
  if (namespace === '' || !object) return [];
  const evaluator = quotaEvaluator(resource);
  if (!evaluator?.handles(operation, subresource)) return [];
  const quotas = quotasOf(namespace, reader);
  if (quotas.length === 0 && limited.length === 0) return [];
  const isStatus = subresource === 'status';
  const verdict = checkQuotas(quotas, { evaluator, object, old, resource, limited, isStatus, nowMs: clock.now() });
  if ('fault' in verdict) throw refusal(request, verdict.fault);
  return verdict.charges;
}

/** The quotas as the next write will find them: other writes may have drawn on them since they were published. */
function quotasOf(namespace: string, reader: AdmissionReader): (ResourceQuota & KubeObject)[] {
  return reader
    .list(RESOURCE_QUOTAS, namespace)
    .map(({ metadata: { name = '' } }) => reader.get(RESOURCE_QUOTAS, { namespace, name }))
    .filter((quota) => quota !== undefined);
}

async function book({ quota, used }: QuotaCharge, writer: AdmissionWriter): Promise<void> {
  await writer.replaceStatus(RESOURCE_QUOTAS, { ...quota, status: { ...quota.status, used: { ...used } } });
}
