// Writes an IPAddress for every address of a Service, and deletes it when no Service has the address any more (KEP-1880). The addresses themselves
// are given out by the registry, which reads them from the Services: these objects show them, and lack of one is repaired, never waited for.

import { deepEqual } from '../../api/copy.ts';
import { type KubeObject, keyOf } from '../../api/object.ts';
import { addressesOf, ipAddressOf, isAddressOf, isManagedAddress } from '../../api/service-addresses.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { IPAddress } from '../../api/types/networking-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { IP_ADDRESSES, SERVICES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';

type Deps = Pick<ControllerDeps, 'client' | 'clock' | 'informers' | 'log'>;

/** The controller. Its keys are addresses. */
export function ipAddressController(deps: Deps): Component {
  const setup = () => {
    const services = deps.informers.informer(SERVICES, { indexers: { address: addressesOf } });
    const addresses = deps.informers.informer(IP_ADDRESSES);
    const ofServices = source(services, ({ object, old }) => {
      const now = addressesOf(object);
      const before = old ? addressesOf(old) : [];
      return old && deepEqual(now, before) ? [] : [...now, ...before];
    });
    const reconcile = async (ip: string, signal: AbortSignal): Promise<undefined> => {
      const [service] = services.lister.byIndex('address', ip);
      const address = addresses.lister.get(ip);
      const step = planAddress(ip, service, address);
      if (step) await carryOut(deps, step, signal);
    };
    return { sources: [ofServices, source(addresses)], reconcile };
  };
  return new ControllerLoop({ name: 'ip-address', workers: 1, setup }, deps);
}

type Step = { readonly create: IPAddress & KubeObject } | { readonly remove: IPAddress & KubeObject };

/** What is to be done about an address; undefined when the IPAddress says who has it. One that somebody else wrote is left alone. */
export function planAddress(
  ip: string,
  service: (Service & KubeObject) | undefined,
  address: (IPAddress & KubeObject) | undefined,
): Step | undefined {
  const { namespace = '', name = '' } = service?.metadata ?? {};
  if (!address) return service && { create: ipAddressOf(ip, { namespace, name }) };
  if (!isManagedAddress(address)) return undefined;
  // The parent never changes: an address that has changed hands gets a new object, in the next round.
  return service && isAddressOf(address, { namespace, name }) ? undefined : { remove: address };
}

async function carryOut({ client }: Deps, step: Step, signal: AbortSignal): Promise<void> {
  try {
    if ('create' in step) await client.create(IP_ADDRESSES, step.create, { signal });
    else {
      const { uid = '', resourceVersion = '' } = step.remove.metadata;
      await client.delete(IP_ADDRESSES, { namespace: '', name: keyOf(step.remove) }, { preconditions: { uid, resourceVersion }, signal });
    }
  } catch (error) {
    // Somebody was faster: the informer brings what there is now.
    if (!hasReason(error, 'AlreadyExists', 'NotFound', 'Conflict')) throw error;
  }
}
