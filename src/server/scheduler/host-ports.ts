// Host ports in use on a node. A port on the wildcard address collides with the same port on every address.

import type { Pod } from '../../api/types/core-v1.gen.ts';

/** One host port: protocol, number and address. */
export interface HostPort {
  /** `TCP/80`. */
  readonly port: string;
  readonly address: string;
}

const WILDCARD = '0.0.0.0';

/** The host ports a pod's containers (and sidecars) ask for. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars].flatMap((container) =>
    (container.ports ?? [])
      .filter((p) => (p.hostPort ?? 0) > 0)
      .map((p) => ({ port: `${p.protocol || 'TCP'}/${p.hostPort}`, address: p.hostIP || WILDCARD })),
  );
}

/** A counted set of host ports. */
export class HostPorts {
  readonly #addresses = new Map<string, string[]>();

  /** Counts ports in or, with sign -1, out. */
  change(ports: readonly HostPort[], sign: 1 | -1): void {
    for (const { port, address } of ports) {
      const list = this.#addresses.get(port) ?? [];
      if (sign === 1) list.push(address);
      else if (list.includes(address)) list.splice(list.indexOf(address), 1);
      if (list.length > 0) this.#addresses.set(port, list);
      else this.#addresses.delete(port);
    }
  }

  /** Whether any of the ports is taken. */
  conflicts(ports: readonly HostPort[]): boolean {
    return ports.some(({ port, address }) => {
      const taken = this.#addresses.get(port);
      return taken !== undefined && (address === WILDCARD || taken.includes(WILDCARD) || taken.includes(address));
    });
  }

  /** A copy that may be changed. */
  clone(): HostPorts {
    const copy = new HostPorts();
    for (const [port, addresses] of this.#addresses) copy.#addresses.set(port, [...addresses]);
    return copy;
  }
}
