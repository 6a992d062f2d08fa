// Makes ServiceCIDRs ready, and keeps those that are being deleted until no address of a Service would be left without a range (KEP-1880).

import type { KubeObject } from '../../api/object.ts';
import { keyOf, nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { IP_ADDRESSES, SERVICE_CIDRS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { mayGo, planConditions, SERVICE_CIDR_FINALIZER } from './service-cidr-plan.ts';

/** Between two looks at a range that waits for its addresses. */
const RETRY_MS = 10_000;

type Deps = Pick<ControllerDeps, 'client' | 'clock' | 'informers' | 'log'>;
type Range = ServiceCIDR & KubeObject;

/** The controller. Its keys are ServiceCIDRs. */
export function serviceCidrController(deps: Deps): Component {
  const setup = () => {
    const ranges = deps.informers.informer(SERVICE_CIDRS);
    const addresses = deps.informers.informer(IP_ADDRESSES);
    const going = (): string[] =>
      ranges.lister
        .list()
        .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
        .map(keyOf);
    // A range may go when an address went, or when another range came.
    const ofAddresses = source(addresses, ({ type }) => (type === 'deleted' ? going() : []));
    const ofRanges = source(ranges, ({ object }) => [keyOf(object), ...going()]);
    const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
      const range = ranges.lister.get(key);
      if (!range) return undefined;
      if (range.metadata.deletionTimestamp === undefined) return await makeReady(deps, range, signal);
      const { items } = await deps.client.list(IP_ADDRESSES, { signal });
      if (mayGo(range, ranges.lister.list(), items)) return await letGo(deps, range, signal);
      await writeCondition(deps, { range, ready: false }, signal);
      return { requeueAfterMs: RETRY_MS };
    };
    return { sources: [ofAddresses, ofRanges], reconcile };
  };
  return new ControllerLoop({ name: 'service-cidr', workers: 1, setup }, deps);
}

async function makeReady(deps: Deps, range: Range, signal: AbortSignal): Promise<undefined> {
  const { finalizers = [] } = range.metadata;
  if (!finalizers.includes(SERVICE_CIDR_FINALIZER)) {
    await patch(deps, { range, body: { metadata: { finalizers: [...finalizers, SERVICE_CIDR_FINALIZER] } } }, signal);
  }
  await writeCondition(deps, { range, ready: true }, signal);
}

async function letGo(deps: Deps, range: Range, signal: AbortSignal): Promise<undefined> {
  const finalizers = (range.metadata.finalizers ?? []).filter((name) => name !== SERVICE_CIDR_FINALIZER);
  await patch(deps, { range, body: { metadata: { finalizers: finalizers.length > 0 ? finalizers : null } } }, signal);
}

async function writeCondition(deps: Deps, { range, ready }: { range: Range; ready: boolean }, signal: AbortSignal): Promise<void> {
  const conditions = planConditions(range, ready, deps.clock.now());
  if (conditions) await patch(deps, { range, body: { status: { conditions } }, subresource: 'status' }, signal);
}

async function patch(
  deps: Deps,
  { range, body, subresource }: { range: Range; body: object; subresource?: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await deps.client.patch(SERVICE_CIDRS, nameOf(keyOf(range)), { type: 'merge', body }, { ...(subresource && { subresource }), signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
