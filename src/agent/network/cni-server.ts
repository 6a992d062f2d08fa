// The agent's end of the CNI socket: one request a connection, answered by the plugin once the node has a pod network.

import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type CniPlugin, type CniRequest, formatError, formatResult, formatVersions, parseCniRequest } from '../../cni/cni.ts';
import { cniError } from '../../cni/errors.ts';
import { decodeRequest, encodeReply, REQUEST_MAX, type WireReply, type WireRequest } from './cni-wire.ts';

/** Most requests at a time: more than the pods a node starts at once; the runtime retries what is refused. */
const CONNECTIONS_MAX = 256;
/** A client that sends nothing for so long is gone. */
const IDLE_MS = 60_000;

/** Answers one request. Never rejects: failures become CNI error replies. */
export async function answerCni(wire: WireRequest, plugin: CniPlugin | undefined): Promise<WireReply> {
  let version = '1.0.0';
  try {
    const request = parseCniRequest(wire.env, wire.stdin);
    version = request.cniVersion;
    return { exitCode: 0, stdout: await runCommand(request, plugin) };
  } catch (error) {
    return { exitCode: 1, stdout: formatError(version, error) };
  }
}

async function runCommand(request: CniRequest, plugin: CniPlugin | undefined): Promise<string> {
  if (request.command === 'VERSION') return formatVersions();
  if (!plugin) {
    const code = request.command === 'STATUS' ? 'cni-not-available' : 'cni-try-again';
    throw cniError(code, 'the node has no pod network yet: it was given no pod CIDR');
  }
  switch (request.command) {
    case 'ADD':
      return formatResult(request.cniVersion, await plugin.add(request));
    case 'DEL':
      await plugin.del(request);
      return '';
    case 'CHECK':
      await plugin.check(request);
      return '';
    case 'GC':
      await plugin.gc(request.validAttachments);
      return '';
    case 'STATUS':
      return '';
  }
}

/** Listens on a unix socket. `setPlugin` once the pod network is there; until then requests are told to try again. */
export class CniServer {
  readonly #path: string;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #plugin: CniPlugin | undefined;

  constructor(options: { readonly socketPath: string }, deps: { readonly log: Logger }) {
    this.#path = options.socketPath;
    this.#log = deps.log;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  setPlugin(plugin: CniPlugin): void {
    this.#plugin = plugin;
  }

  /** Takes the path over from an agent that was killed. @throws when the directory is missing or not writable. */
  async start(): Promise<void> {
    await rm(this.#path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#path, () => resolve());
    });
  }

  /** Cuts requests that run and removes the socket. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    const chunks: Buffer[] = [];
    let length = 0;
    this.#sockets.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', (error) => this.#log.debug('cni client went away', { error: messageOf(error) }));
    socket.on('data', (chunk) => {
      length += chunk.length;
      if (length > REQUEST_MAX) socket.destroy();
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      socket.setTimeout(0);
      this.#answer(Buffer.concat(chunks)).then((reply) => socket.end(encodeReply(reply)));
    });
  }

  async #answer(bytes: Buffer): Promise<WireReply> {
    try {
      const wire = decodeRequest(bytes);
      const reply = await answerCni(wire, this.#plugin);
      if (reply.exitCode !== 0) this.#log.warn('cni request failed', { command: wire.env['CNI_COMMAND'], reply: reply.stdout });
      return reply;
    } catch (error) {
      return { exitCode: 1, stdout: formatError('1.0.0', error) };
    }
  }
}
