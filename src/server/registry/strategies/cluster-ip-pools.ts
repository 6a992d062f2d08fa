// The ranges that addresses of Services come from: those the server was started with, and those of further ServiceCIDRs that are ready (KEP-1880).

import { addressNumber, type Cidr, contains, parseCidr } from '../../../api/cidr.ts';
import { DEFAULT_SERVICE_CIDR, isManagedAddress, isReadyServiceCidr } from '../../../api/service-addresses.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type * as networking from '../../../api/types/networking-v1.gen.ts';
import type { StrategyDeps } from '../strategy.ts';
import { NumberPool } from './number-pool.ts';

const SERVICES = '/registry/services/specs/';
const SERVICE_CIDRS = '/registry/servicecidrs/';
const IP_ADDRESSES = '/registry/ipaddresses/';
/** Ranges that are kept ready besides the cluster's own; those of ServiceCIDRs that are gone give way. */
const MAX_KEPT = 64;

/** One range. */
export interface AddressPool {
  readonly cidr: Cidr;
  readonly text: string;
  readonly pool: NumberPool;
}

/** The part of a range that is only given out by name, as upstream: between 16 and 256 addresses. */
function fixedAddresses(size: bigint): bigint {
  if (size <= 32n) return 0n;
  const part = size / 16n;
  return part < 16n ? 16n : part > 256n ? 256n : part;
}

/** All ranges. Addresses that are being written now are known to every range of a family, since ranges may overlap. */
export class ClusterIpPools {
  readonly #store: StrategyDeps['store'];
  readonly #own: readonly AddressPool[];
  readonly #further = new Map<string, AddressPool>();
  readonly #pending = { IPv4: new Set<bigint>(), IPv6: new Set<bigint>() };

  constructor({ store, serviceCidrs }: Pick<StrategyDeps, 'store' | 'serviceCidrs'>) {
    this.#store = store;
    this.#own = serviceCidrs.map((text) => this.#make(text));
  }

  /** Families of the cluster, the primary one first. */
  get families(): readonly Cidr['family'][] {
    return this.#own.map(({ cidr }) => cidr.family);
  }

  /** The ranges of a family: the cluster's own first, then the others by name. */
  of(family: Cidr['family']): AddressPool[] {
    const further = this.#serviceCidrs().flatMap(({ spec }) => (spec?.cidrs ?? []).map((text) => this.#furtherPool(text)));
    return [...this.#own, ...further].filter(({ cidr }) => cidr.family === family);
  }

  #serviceCidrs(): networking.ServiceCIDR[] {
    const { entries } = this.#store.list<networking.ServiceCIDR>(SERVICE_CIDRS);
    return entries
      .map(({ object }) => object)
      .filter((object) => object.metadata.name !== DEFAULT_SERVICE_CIDR && isReadyServiceCidr(object));
  }

  #furtherPool(text: string): AddressPool {
    const known = this.#further.get(text);
    if (known) return known;
    const made = this.#make(text);
    const [oldest] = this.#further.keys();
    if (this.#further.size >= MAX_KEPT && oldest !== undefined) this.#further.delete(oldest);
    this.#further.set(text, made);
    return made;
  }

  #make(text: string): AddressPool {
    const cidr = parseCidr(text);
    // The first address is the network's, the last one IPv4's broadcast.
    const size = cidr.size - (cidr.family === 'IPv4' ? 2n : 1n);
    const range = { first: cidr.base + 1n, size, fixed: fixedAddresses(cidr.size) };
    const pool = new NumberPool(range, { taken: () => this.#taken(cidr), pending: this.#pending[cidr.family] });
    return { cidr, text, pool };
  }

  /** What Services hold, and what others have put aside by IPAddresses of their own. */
  #taken(cidr: Cidr): ReadonlySet<bigint> {
    const taken = new Set<bigint>();
    const add = (ip: string): void => {
      if (ip !== 'None' && ip !== '' && contains(cidr, ip)) taken.add(addressNumber(ip));
    };
    for (const { object } of this.#store.list<core.Service>(SERVICES).entries) for (const ip of object.spec?.clusterIPs ?? []) add(ip);
    for (const { object } of this.#store.list<networking.IPAddress>(IP_ADDRESSES).entries) {
      if (!isManagedAddress(object)) add(object.metadata.name ?? '');
    }
    return taken;
  }
}
