// Decisions of the ServiceCIDR controller: whether a range may go, and what its condition says. Pure.

import { type Cidr, contains, containsRange, parseCidr } from '../../api/cidr.ts';
import type { KubeObject } from '../../api/object.ts';
import { isManagedAddress } from '../../api/service-addresses.ts';
import type { Condition } from '../../api/types/meta-v1.gen.ts';
import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';

/** Keeps a ServiceCIDR whose addresses are in use. */
export const SERVICE_CIDR_FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

type Range = ServiceCIDR & KubeObject;

/** Whether no address would be left without a range. `others` are all ServiceCIDRs, this one among them. */
export function mayGo(range: Range, others: readonly Range[], addresses: readonly IPAddress[]): boolean {
  const rest = others.filter((other) => other.metadata.name !== range.metadata.name).flatMap(cidrsOf);
  const own = cidrsOf(range);
  if (own.every((cidr) => rest.some((other) => containsRange(other, cidr)))) return true;
  const names = addresses.filter(isManagedAddress).map(({ metadata }) => metadata.name ?? '');
  return !names.some((ip) => own.some((cidr) => contains(cidr, ip)) && !rest.some((cidr) => contains(cidr, ip)));
}

const cidrsOf = ({ spec }: ServiceCIDR): Cidr[] => (spec?.cidrs ?? []).map(parseCidr);

/** The conditions of a range that serves (`ready`) or waits for its addresses to go; undefined when it has them. */
export function planConditions({ status }: Range, ready: boolean, nowMs: number): Condition[] | undefined {
  const wanted = ready
    ? { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }
    : {
        status: 'False',
        reason: 'Terminating',
        message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
      };
  const conditions = status?.conditions ?? [];
  const found = conditions.find(({ type }) => type === 'Ready');
  if (found?.status === wanted.status && (found.reason ?? '') === wanted.reason) return undefined;
  const others = conditions.filter(({ type }) => type !== 'Ready');
  return [...others, { type: 'Ready', lastTransitionTime: rfc3339(nowMs), ...wanted }];
}
