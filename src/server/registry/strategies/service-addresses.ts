// Gives Services their addresses and node ports, and checks the ones they ask for.

import { addressAt, addressNumber } from '../../../api/cidr.ts';
import { internalError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { Release, StrategyDeps } from '../strategy.ts';
import { type AddressPool, ClusterIpPools } from './cluster-ip-pools.ts';
import { NumberPool } from './number-pool.ts';
import { type Families, needsClusterIp, needsHealthPort, needsNodePort, serviceInvalid } from './service-rules.ts';

const SERVICES = '/registry/services/specs/';
/** Node ports kept for those who ask for one: the size upstream computes for its default range. */
const FIXED_PORTS = 86n;

/** The addresses and ports of all Services. */
export class ServiceAddresses {
  readonly #store: StrategyDeps['store'];
  readonly #pools: ClusterIpPools;
  readonly #ports: NumberPool;
  readonly #portRange: readonly [number, number];

  constructor(deps: StrategyDeps) {
    this.#store = deps.store;
    this.#pools = new ClusterIpPools(deps);
    const [first, last] = deps.nodePortRange;
    this.#portRange = deps.nodePortRange;
    const size = BigInt(last - first + 1);
    this.#ports = new NumberPool(
      { first: BigInt(first), size, fixed: size > FIXED_PORTS * 2n ? FIXED_PORTS : 0n },
      {
        taken: () => this.#takenPorts(),
      },
    );
  }

  /** Families of the ranges. */
  get families(): Families {
    return this.#pools.families;
  }

  #services(): readonly core.Service[] {
    return this.#store.list<core.Service>(SERVICES).entries.map((entry) => entry.object);
  }

  #takenPorts(): ReadonlySet<bigint> {
    const taken = new Set<bigint>();
    for (const { spec } of this.#services()) {
      for (const { nodePort } of spec?.ports ?? []) if (nodePort) taken.add(BigInt(nodePort));
      if (spec?.healthCheckNodePort) taken.add(BigInt(spec.healthCheckNodePort));
    }
    return taken;
  }

  /** Completes `service`; `old` keeps what it holds. Returns how to give back the reservations. @throws StatusError Invalid */
  reserve(service: core.Service, old: core.Service | undefined): Release {
    const undo: (() => void)[] = [];
    const release = (): void => {
      for (const fn of undo) fn();
    };
    try {
      const { spec } = service;
      if (spec && needsClusterIp(spec)) this.#reserveAddresses(service, old?.spec, undo);
      if (spec && needsNodePort(spec)) this.#reservePorts(service, old?.spec, undo);
      if (spec && needsHealthPort(spec)) this.#reserveHealthPort(service, old?.spec, undo);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  #reserveAddresses(service: core.Service, old: core.ServiceSpec | undefined, undo: (() => void)[]): void {
    const { spec } = service;
    if (!spec) return;
    const held = new Set(old && needsClusterIp(old) ? (old.clusterIPs ?? []) : []);
    const ips = (spec.ipFamilies ?? []).map((family, index) => {
      const pools = this.#pools.of(family === 'IPv6' ? 'IPv6' : 'IPv4');
      const wished = spec.clusterIPs?.[index];
      if (wished && held.has(wished)) return wished;
      if (pools.length === 0) throw internalError(`no range of service addresses of family ${family}`);
      return wished ? this.#named(service, { wished, pools }, undo) : this.#any(pools, undo);
    });
    if (ips[0] !== undefined) {
      spec.clusterIPs = ips;
      spec.clusterIP = ips[0];
    }
  }

  #named(service: core.Service, wish: { wished: string; pools: readonly AddressPool[] }, undo: (() => void)[]): string {
    const { wished, pools } = wish;
    const refuse = (why: string) =>
      serviceInvalid(service.metadata.name ?? '', {
        type: 'FieldValueInvalid',
        field: 'spec.clusterIPs',
        detail: `Invalid value: ${JSON.stringify(service.spec?.clusterIPs ?? [])}: failed to allocate IP ${wished}: ${why}`,
      });
    const number = numberOf(wished);
    if (number === undefined) throw refuse('the provided IP is not a valid address');
    const found = pools.find(({ pool }) => pool.has(number));
    const valid = pools.map(({ text }) => text).join(', ');
    if (!found) throw refuse(`the provided IP (${wished}) is not in the valid range. The range of valid IPs is ${valid}`);
    if (!found.pool.reserve(number)) throw refuse('provided IP is already allocated');
    undo.push(() => found.pool.release([number]));
    return wished;
  }

  #any(pools: readonly AddressPool[], undo: (() => void)[]): string {
    for (const { cidr, pool } of pools) {
      const number = pool.reserveAny();
      if (number === undefined) continue;
      undo.push(() => pool.release([number]));
      return addressAt(cidr, number - cidr.base);
    }
    throw internalError(`failed to allocate a serviceIP: range is full: ${pools.map(({ text }) => text).join(', ')}`);
  }

  #reservePorts(service: core.Service, old: core.ServiceSpec | undefined, undo: (() => void)[]): void {
    const held = new Set((old?.ports ?? []).map((port) => port.nodePort));
    const own = new Set<number>();
    const ports = service.spec?.ports ?? [];
    // Named ports first, so that none of them is given away to another port of the same Service.
    for (const [index, port] of ports.entries()) {
      if (!port.nodePort) continue;
      if (!held.has(port.nodePort) && !own.has(port.nodePort))
        this.#namedPort(service, { port: port.nodePort, field: `spec.ports[${index}].nodePort` }, undo);
      own.add(port.nodePort);
    }
    for (const port of ports) {
      if (port.nodePort) continue;
      // One port number of several protocols gets one node port. So does a port that stands twice in a new Service: validation tells of it.
      const twin = ports.find((other) => other.nodePort && other.port === port.port && (!old || other.protocol !== port.protocol));
      const taken = old && ports.some((other) => other.nodePort === twin?.nodePort && other.protocol === port.protocol);
      port.nodePort = twin?.nodePort !== undefined && !taken ? twin.nodePort : this.#anyPort(undo);
    }
  }

  #namedPort(service: core.Service, wish: { port: number; field: string }, undo: (() => void)[]): void {
    const number = BigInt(wish.port);
    const [first, last] = this.#portRange;
    const refuse = (why: string) =>
      serviceInvalid(service.metadata.name ?? '', {
        type: 'FieldValueInvalid',
        field: wish.field,
        detail: `Invalid value: ${wish.port}: ${why}`,
      });
    if (!this.#ports.has(number)) throw refuse(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
    if (!this.#ports.reserve(number)) throw refuse('provided port is already allocated');
    undo.push(() => this.#ports.release([number]));
  }

  #anyPort(undo: (() => void)[]): number {
    const number = this.#ports.reserveAny();
    if (number === undefined) throw internalError('failed to allocate a nodePort: range is full');
    undo.push(() => this.#ports.release([number]));
    return Number(number);
  }

  #reserveHealthPort(service: core.Service, old: core.ServiceSpec | undefined, undo: (() => void)[]): void {
    const { spec } = service;
    if (!spec) return;
    const { healthCheckNodePort } = spec;
    if (!healthCheckNodePort) spec.healthCheckNodePort = this.#anyPort(undo);
    else if (healthCheckNodePort !== old?.healthCheckNodePort) {
      this.#namedPort(service, { port: healthCheckNodePort, field: 'spec.healthCheckNodePort' }, undo);
    }
  }
}

function numberOf(address: string): bigint | undefined {
  try {
    return addressNumber(address);
  } catch {
    // The caller says what is wrong with it.
    return undefined;
  }
}
