// What a Service costs: itself, its node ports, a load balancer. Node ports are counted by intent: they are not allocated yet. Pure.

import type { KubeObject } from '../object.ts';
import { Quantity } from '../quantity.ts';
import type { Service, ServiceSpec } from '../types/core-v1.gen.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';

const NAMES: ReadonlySet<string> = new Set(['count/services', 'services', 'services.nodeports', 'services.loadbalancers']);

/** Services: a change of type changes the cost. */
export const serviceEvaluator: QuotaEvaluator<Service & KubeObject> = {
  counts: (name) => NAMES.has(name),
  handles: (operation, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && subresource === '',
  usage({ spec }) {
    return new Map([
      ['count/services', Quantity.of(1)],
      ['services', Quantity.of(1)],
      ['services.nodeports', Quantity.of(nodePorts(spec))],
      ['services.loadbalancers', Quantity.of(spec?.type === 'LoadBalancer' ? 1 : 0)],
    ]);
  },
};

function nodePorts(spec: ServiceSpec | undefined): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return ports.length;
  if (spec?.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter((port) => port.nodePort).length : ports.length;
}
