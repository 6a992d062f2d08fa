// What a ResourceClaim costs: itself, and by device class the most devices it may be given. Pure.

import type { KubeObject } from '../object.ts';
import { Quantity } from '../quantity.ts';
import { mostAmounts, NO_AMOUNTS, type ResourceAmounts, sumAmounts } from '../resource-amounts.ts';
import type { DeviceRequest, ResourceClaim } from '../types/resource-v1.gen.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const BY_CLASS = '.deviceclass.resource.k8s.io/devices';
/** `All` devices are no more than an allocation can hold: resource.k8s.io/v1 AllocationResultsMaxSize. */
const ALL_DEVICES = 32;

/** Resource claims: their spec does not change, so only a create costs. */
export const deviceClaimEvaluator: QuotaEvaluator<ResourceClaim & KubeObject> = {
  counts: (name) => name === COUNT || name.endsWith(BY_CLASS),
  handles: (operation, subresource) => operation === 'CREATE' && subresource === '',
  usage: ({ spec }) => (spec.devices?.requests ?? []).map(devicesOf).reduce(sumAmounts, new Map([[COUNT, Quantity.of(1)]])),
};

/** Of alternatives one is taken: each class is charged the most that any of them would take of it. */
function devicesOf({ exactly, firstAvailable }: DeviceRequest): ResourceAmounts {
  const choices = exactly ? [exactly] : (firstAvailable ?? []);
  return choices
    .map(({ deviceClassName, allocationMode, count }): ResourceAmounts => {
      const most = allocationMode === 'All' ? ALL_DEVICES : (count ?? 1);
      return new Map([[`${deviceClassName}${BY_CLASS}`, Quantity.of(most)]]);
    })
    .reduce(mostAmounts, NO_AMOUNTS);
}
