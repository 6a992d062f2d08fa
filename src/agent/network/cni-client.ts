// The CNI client in TypeScript: `kts cni`, for machines where the static client (scripts/native/cni-client.c) cannot run.

import { connect } from 'node:net';
import { formatError, formatVersions } from '../../cni/cni.ts';
import { cniError } from '../../cni/errors.ts';
import { decodeReply, encodeRequest, type WireReply } from './cni-wire.ts';

/** Where the agent listens unless the configuration names a `socket`. */
const DEFAULT_CNI_SOCKET = '/run/kts/cni.sock';
/** The agent answers in milliseconds; the runtime's own limit is minutes. */
const TIMEOUT_MS = 60_000;

/** Hands a request to the agent. Resolves to what to print and the exit code, also for failures. */
export async function runCniClient(env: Readonly<Record<string, string | undefined>>, stdin: string): Promise<WireReply> {
  if (env['CNI_COMMAND'] === 'VERSION') return { exitCode: 0, stdout: formatVersions() };
  const { cniVersion, socket } = settingsOf(stdin);
  try {
    return decodeReply(await exchange(socket, encodeRequest(env, stdin)));
  } catch (error) {
    return { exitCode: 1, stdout: formatError(cniVersion, error) };
  }
}

function settingsOf(stdin: string): { cniVersion: string; socket: string } {
  const settings = { cniVersion: '0.3.1', socket: DEFAULT_CNI_SOCKET };
  try {
    // Parser: two optional strings of the configuration.
    const config = JSON.parse(stdin) as { cniVersion?: unknown; socket?: unknown };
    if (typeof config.cniVersion === 'string') settings.cniVersion = config.cniVersion;
    if (typeof config.socket === 'string') settings.socket = config.socket;
  } catch {
    // The agent says what is wrong with the configuration.
  }
  return settings;
}

function exchange(path: string, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ path, allowHalfOpen: true }, () => socket.end(request));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(cniError('cni-try-again', 'the kts agent does not answer: try again later')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => reject(cniError('cni-try-again', 'the kts agent is not running: try again later', error)));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
