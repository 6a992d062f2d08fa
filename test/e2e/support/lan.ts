// A private network of machines: one network namespace with a bridge as the cable, one namespace a machine. Nothing of it is in
// the host's own network.

import { run, runOk } from './shell.ts';

const SUBNET = '172.31.77';

/** A machine of the network. */
export interface Machine {
  readonly name: string;
  readonly netns: string;
  readonly address: string;
}

/** A network of machines; `remove` leaves nothing. */
export class Lan {
  readonly #name: string;
  readonly machines: readonly Machine[];

  private constructor(name: string, machines: readonly Machine[]) {
    this.#name = name;
    this.machines = machines;
  }

  /** Makes a network of `count` machines called node1, node2 …; `client` below is a further one without kts. */
  static async create(name: string, count: number): Promise<Lan> {
    const machines = Array.from({ length: count }, (_, i) => ({
      name: `node${i + 1}`,
      netns: `${name}-node${i + 1}`,
      address: `${SUBNET}.${11 + i}`,
    }));
    const lan = new Lan(name, machines);
    await lan.remove();
    await runOk('ip', ['netns', 'add', name]);
    const cable = ['link add lan0 type bridge', `addr add ${SUBNET}.1/24 dev lan0`, 'link set lan0 up', 'link set lo up'];
    await runOk('ip', ['-n', name, '-batch', '-'], { input: cable.join('\n') });
    for (const [index, machine] of machines.entries()) await lan.#plug(machine, `port${index + 1}`);
    return lan;
  }

  async #plug(machine: Machine, port: string): Promise<void> {
    await runOk('ip', ['netns', 'add', machine.netns]);
    await runOk('ip', ['-n', this.#name, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine.netns]);
    await runOk('ip', ['-n', this.#name, '-batch', '-'], { input: `link set ${port} master lan0\nlink set ${port} up\n` });
    const lines = ['link set lo up', `addr add ${machine.address}/24 dev eth0`, 'link set eth0 up', `route add default via ${SUBNET}.1`];
    await runOk('ip', ['-n', machine.netns, '-batch', '-'], { input: lines.join('\n') });
  }

  /** Pulls a machine's cable, or puts it back. */
  async cable(machine: Machine, state: 'up' | 'down'): Promise<void> {
    await runOk('ip', ['-n', machine.netns, 'link', 'set', 'eth0', state]);
    if (state === 'up') await runOk('ip', ['-n', machine.netns, 'route', 'replace', 'default', 'via', `${SUBNET}.1`]);
  }

  /** The words to put before a command so that it runs on the network as a client that is no node. */
  get client(): readonly string[] {
    return enter(this.#name);
  }

  /** Removes the namespaces and all links in them. */
  async remove(): Promise<void> {
    for (const { netns } of this.machines) await run('ip', ['netns', 'del', netns]);
    await run('ip', ['netns', 'del', this.#name]);
  }
}

/** The words that run a command in a network namespace. Not `ip netns exec`: it hides /sys/fs/cgroup. */
export function enter(netns: string): readonly string[] {
  return ['nsenter', `--net=/run/netns/${netns}`, '--'];
}
