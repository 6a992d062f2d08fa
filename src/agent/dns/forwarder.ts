// Asks the node's resolvers: UDP from a fresh port for each question, or TCP when the client came by it.

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { UDP_MAX } from './codec.ts';
import { type DnsQuery, type DnsReply, rcodeReply } from './message.ts';
import { Upstreams } from './upstreams.ts';
import { forwardedQuery, messageLayout } from './wire.ts';

/** How long one server is waited for; clients wait 5 s by default, so that a second one can be asked in time. */
const TIMEOUT_MS = 2000;
/** Most servers asked for one question; glibc knows three as well. */
const SERVERS_MAX = 3;
/** Most questions under way: each holds a socket. Beyond it clients are told SERVFAIL and ask again. */
const PENDING_MAX = 256;

/** Options of the forwarder. */
export interface ForwarderOptions {
  /** Reads the servers' addresses, e.g. from resolv.conf; called for each question, so it should remember. */
  readonly servers: () => Promise<readonly string[]>;
  /** Default 53. */
  readonly port?: number;
}

/** The forwarder. Answers are the servers' own messages; SERVFAIL when none can answer. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #log: Logger;
  readonly #upstreams: Upstreams;
  #pending = 0;

  constructor(options: ForwarderOptions, deps: { readonly clock: Pick<Clock, 'monotonic'>; readonly log: Logger }) {
    this.#options = options;
    this.#log = deps.log;
    this.#upstreams = new Upstreams(deps);
  }

  async ask(query: DnsQuery): Promise<DnsReply> {
    if (this.#pending >= PENDING_MAX) return rcodeReply('SERVFAIL');
    this.#pending += 1;
    try {
      return await this.#askEach(query);
    } finally {
      this.#pending -= 1;
    }
  }

  async #askEach(query: DnsQuery): Promise<DnsReply> {
    let refused: DnsReply | undefined;
    for (const server of this.#upstreams.order(await this.#options.servers()).slice(0, SERVERS_MAX)) {
      try {
        const bytes = await this.#exchange(query, server);
        this.#upstreams.answered(server);
        const { rcode } = messageLayout(bytes);
        // SERVFAIL and REFUSED: another server may know better.
        if (rcode !== 2 && rcode !== 5) return { kind: 'message', bytes };
        refused = { kind: 'message', bytes };
      } catch (error) {
        this.#upstreams.failed(server);
        this.#log.debug('resolver does not answer', { server, name: query.name, error: messageOf(error) });
      }
    }
    return refused ?? rcodeReply('SERVFAIL');
  }

  #exchange(query: DnsQuery, server: string): Promise<Uint8Array> {
    const request = forwardedQuery(randomInt(65_536), query, UDP_MAX);
    const peer = { server, port: this.#options.port ?? 53 };
    return query.transport === 'tcp' ? overTcp(request, peer) : overUdp(request, peer);
  }
}

interface ServerAddress {
  readonly server: string;
  readonly port: number;
}

/** Whether the message answers the request: same id, an answer, same question (letter case aside). */
function answers(request: Buffer, message: Buffer): boolean {
  if (message.length < 12 || !(message.readUInt8(2) & 0x80) || !message.subarray(0, 2).equals(request.subarray(0, 2))) return false;
  try {
    const end = messageLayout(message).questionEnd;
    return message.toString('latin1', 12, end).toLowerCase() === request.toString('latin1', 12, end).toLowerCase();
  } catch {
    return false; // Malformed: wait on for a proper one.
  }
}

function overUdp(request: Buffer, { server, port }: ServerAddress): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const finish = (act: () => void): void => {
      signal.removeEventListener('abort', onTimeout);
      socket.removeAllListeners().on('error', () => {}); // What comes while closing is of no interest.
      socket.close();
      act();
    };
    const onTimeout = (): void => finish(() => reject(signal.reason));
    signal.addEventListener('abort', onTimeout, { once: true });
    socket.on('error', (error) => finish(() => reject(error)));
    socket.on('message', (message) => {
      if (answers(request, message)) finish(() => resolve(message));
    });
    // Connected, so that only the server's own datagrams arrive and an ICMP refusal is told at once.
    socket.connect(port, server, () => socket.send(request));
  });
}

function overTcp(request: Buffer, { server, port }: ServerAddress): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(request.length);
    let received = Buffer.alloc(0);
    socket.on('connect', () => socket.write(Buffer.concat([length, request])));
    socket.on('error', reject);
    socket.on('close', () => reject(new RangeError('the connection was closed before the answer'))); // No effect once resolved.
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      if (answers(request, message)) resolve(message);
      else reject(new RangeError('the answer is not to the question'));
      socket.destroy();
    });
  });
}
