// The bridge plugin: runs the steps of bridge-plan.ts, keeps addresses in the journal, tells the service tables of host ports.
// Two child processes an ADD: one `ip -batch` on the node, one in the pod's namespace.

import { messageOf } from '../base/errors.ts';
import { type Exec, runOk } from '../base/exec.ts';
import type { Logger } from '../base/log.ts';
import { type AttachmentJournal, attachmentId } from './attachment-journal.ts';
import { type Attachment, attachmentResult, type BridgeNetwork, hostLinkName, planAttach, planDetach } from './bridge-plan.ts';
import { macOf, parseCidr } from './cidr.ts';
import type { AttachmentKey, CniPlugin, CniRequest, CniResult } from './cni.ts';
import { cniError } from './errors.ts';
import { nextAddress } from './host-local.ts';

/** A host port as the service tables need it. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `''` = all addresses of the node. */
  readonly hostIp: string;
  readonly hostPort: number;
  /** The pod's address and port. */
  readonly address: string;
  readonly containerPort: number;
}

/** Takes the host ports of all pods, the whole list each time; resolves when they are in force. */
export type HostPortSink = (ports: readonly HostPort[]) => Promise<void>;

/** What the plugin needs. */
export interface BridgePluginDeps {
  readonly exec: Exec;
  readonly log: Logger;
  readonly journal: AttachmentJournal;
  readonly setHostPorts: HostPortSink;
}

/** Longest one `ip` run may take; a healthy one takes milliseconds. */
const IP_TIMEOUT_MS = 10_000;

/** The CNI plugin of one node's bridge. Requests for different containers run side by side, those for one in order. */
export class BridgePlugin implements CniPlugin {
  readonly #network: BridgeNetwork;
  readonly #deps: BridgePluginDeps;
  /** Tail of the work of each key; entries go when their work is done. */
  readonly #queues = new Map<string, Promise<unknown>>();
  #last: string | undefined;

  constructor(network: BridgeNetwork, deps: BridgePluginDeps) {
    this.#network = network;
    this.#deps = deps;
    this.#last = deps.journal.all().at(-1)?.address;
  }

  add(request: CniRequest): Promise<CniResult> {
    return this.#inOrder(request, async () => {
      if (this.#deps.journal.get(request)) await this.#remove(request);
      const attachment = this.#newAttachment(request);
      try {
        await this.#deps.journal.put(attachment);
        await this.#link(attachment);
        if (attachment.portMappings.length > 0) await this.#publishHostPorts();
      } catch (error) {
        await this.#remove(request);
        throw error;
      }
      return attachmentResult(this.#network, attachment);
    });
  }

  del(key: AttachmentKey): Promise<void> {
    return this.#inOrder(key, () => this.#remove(key));
  }

  async check(request: CniRequest): Promise<void> {
    const attachment = this.#deps.journal.get(request);
    if (!attachment) throw cniError('cni-check', `no interface ${request.ifName} was made for ${request.containerId}`);
    const args = [`--net=${request.netns}`, 'ip', '-o', 'addr', 'show', 'dev', request.ifName, 'up'];
    const result = await this.#deps.exec.run('nsenter', args, { timeoutMs: IP_TIMEOUT_MS });
    if (result.code !== 0 || !result.stdout.includes(` ${attachment.address}/`)) {
      throw cniError('cni-check', `interface ${request.ifName} has not the address ${attachment.address}`);
    }
  }

  async gc(valid: readonly AttachmentKey[]): Promise<void> {
    const wanted = new Set(valid.map(attachmentId));
    const orphans = this.#deps.journal.all().filter((a) => !wanted.has(attachmentId(a)));
    for (const orphan of orphans) await this.del(orphan);
  }

  /**
   * Frees the addresses of pods whose link is gone, and with it their namespace: after a reboot all of them. `links` are the names of
   * the node's links. For the start only: an ADD under way has no link yet.
   */
  async releaseDead(links: ReadonlySet<string>): Promise<void> {
    const dead = this.#deps.journal.all().filter((a) => !links.has(a.hostLink));
    for (const attachment of dead) await this.#deps.journal.remove(attachment);
    if (dead.length > 0) this.#deps.log.info('addresses of pods that are gone were freed', { count: dead.length });
  }

  #newAttachment(request: CniRequest): Attachment {
    const range = parseCidr(this.#network.subnet);
    const address = nextAddress(range, this.#deps.journal.taken, this.#last);
    if (address === undefined) throw cniError('cni-no-address', `no address is free in ${this.#network.subnet}`);
    this.#last = address;
    const { containerId, ifName, netns, portMappings } = request;
    const hostLink = hostLinkName(request);
    const { gateway } = this.#network;
    return { containerId, ifName, netns, hostLink, mac: macOf(address), address, bits: range.bits, gateway, portMappings };
  }

  async #link(attachment: Attachment): Promise<void> {
    const plan = planAttach(this.#network, attachment);
    try {
      await runOk(this.#deps.exec, 'ip', ['-batch', '-'], batch(plan.host));
      await runOk(this.#deps.exec, 'nsenter', [`--net=${attachment.netns}`, 'ip', '-batch', '-'], batch(plan.pod));
    } catch (error) {
      throw cniError('cni-link', `cannot make interface ${attachment.ifName} of ${attachment.containerId}: ${messageOf(error)}`, error);
    }
  }

  async #remove(key: AttachmentKey): Promise<void> {
    const { exec, journal, log } = this.#deps;
    const result = await exec.run('ip', ['-batch', '-'], batch(planDetach(key)));
    // The link is gone already when the namespace went first; what matters is that it is not there.
    if (result.code !== 0) log.debug('link was not removed', { link: hostLinkName(key), error: result.stderr.trim() });
    const hadPorts = (journal.get(key)?.portMappings.length ?? 0) > 0;
    await journal.remove(key);
    if (hadPorts) await this.#publishHostPorts();
  }

  /** The host ports of all pods: what is handed to the sink at each change, and what a starting agent hands to it once. */
  hostPorts(): HostPort[] {
    return hostPortsOf(this.#deps.journal.all());
  }

  async #publishHostPorts(): Promise<void> {
    await this.#deps.setHostPorts(this.hostPorts());
  }

  #inOrder<T>(key: AttachmentKey, work: () => Promise<T>): Promise<T> {
    const id = attachmentId(key);
    const before = this.#queues.get(id) ?? Promise.resolve();
    const run = before.then(work, work);
    const tail = run.then(
      () => {},
      () => {}, // The caller has the failure; the queue only needs the end.
    );
    this.#queues.set(id, tail);
    tail.finally(() => {
      if (this.#queues.get(id) === tail) this.#queues.delete(id);
    });
    return run;
  }
}

const batch = (lines: readonly string[]) => ({ input: `${lines.join('\n')}\n`, timeoutMs: IP_TIMEOUT_MS });

/** The host ports of attachments, as the service tables need them. */
function hostPortsOf(attachments: readonly Attachment[]): HostPort[] {
  return attachments.flatMap(({ address, portMappings }) =>
    portMappings.map(({ protocol, hostIp, hostPort, containerPort }) => ({
      protocol,
      hostIp: hostIp === '0.0.0.0' ? '' : hostIp,
      hostPort,
      address,
      containerPort,
    })),
  );
}
