// Services: addresses and node ports are given by the server and kept over updates.

import type * as core from '../../../api/types/core-v1.gen.ts';
import { validateServiceAddresses } from '../../../api/validation/services.ts';
import type { Strategy, StrategyDeps } from '../strategy.ts';
import { ServiceAddresses } from './service-addresses.ts';
import { alignClusterIps, dropForType, fillFamilies, keepAllocated, needsClusterIp, serviceInvalid } from './service-rules.ts';

/** Strategy of services over the ranges of the cluster. */
export function serviceStrategy(deps: StrategyDeps): Strategy<core.Service> {
  const addresses = new ServiceAddresses(deps);
  return {
    prepareForCreate(service) {
      service.status = { loadBalancer: {} };
      service.spec ??= {};
      alignClusterIps(service.spec, undefined);
    },
    prepareForUpdate(service, old) {
      service.spec ??= {};
      if (!old.spec) return;
      alignClusterIps(service.spec, old.spec);
      keepAllocated(service.spec, old.spec);
      dropForType(service.spec, old.spec);
      const left = old.spec.type === 'LoadBalancer' && service.spec.type !== 'LoadBalancer';
      if (left) service.status = { ...service.status, loadBalancer: {} };
    },
    reserve(service, old) {
      const { spec } = service;
      if (spec) {
        const faults = validateServiceAddresses(spec);
        if (faults.length > 0) throw serviceInvalid(service.metadata.name ?? '', ...faults);
        const policyFell = spec.ipFamilyPolicy === 'SingleStack' && (spec.ipFamilies?.length ?? 0) > 1;
        if (policyFell && old && needsClusterIp(spec)) {
          spec.ipFamilies = spec.ipFamilies?.slice(0, 1) ?? [];
          spec.clusterIPs = spec.clusterIPs?.slice(0, 1) ?? [];
        }
        fillFamilies(service.metadata.name ?? '', spec, addresses.families);
      }
      return addresses.reserve(service, old);
    },
  };
}
