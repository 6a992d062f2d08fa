// The two requests of a join that are no API requests: the authority, before there is anything to trust, and the join itself.

import { request } from 'node:https';
import { messageOf } from '../../base/errors.ts';
import { type JoinReply, readJoinReply } from '../../client/cluster-config.ts';
import { authorityHash, JOIN_TOKEN_ADVICE, parseJoinToken } from '../../client/join-token.ts';
import { joinError } from './errors.ts';

/** Longest wait for an answer. */
const TIMEOUT_MS = 10_000;
/** Largest answer: certificates and a few settings. */
const BODY_MAX = 256 << 10;

/** Where and with what to join. */
export interface JoinTarget {
  /** `https://host:port` */
  readonly server: string;
  readonly token: string;
}

/** The hash of the server's authority that a token names; undefined for a bare password, which names none. @throws KtsError `join-token-invalid` */
export function authorityHashOf(token: string): string | undefined {
  const parsed = parseJoinToken(token);
  if (!parsed) throw joinError('join-token-invalid', JOIN_TOKEN_ADVICE);
  return parsed.authorityHash;
}

/**
 * The server's authority, PEM, checked against the token; with a bare password nothing is checked.
 * @throws KtsError `join-authority-mismatch`, `join-token-invalid`, `join-unavailable`
 */
export async function fetchAuthority({ server, token }: JoinTarget, signal?: AbortSignal): Promise<string> {
  const expected = authorityHashOf(token);
  const { status, body } = await send(`${server}/cacerts`, { method: 'GET', trust: 'any', signal });
  if (status !== 200 || !body.includes('-----BEGIN CERTIFICATE-----'))
    throw joinError('join-unavailable', `${server} is no kts server: /cacerts answers ${status}`);
  const hash = authorityHash(body);
  if (expected === undefined || hash === expected) return body;
  throw joinError(
    'join-authority-mismatch',
    `${server} is not the server of this token: its authority has the hash ${hash}, the token names ${expected}`,
  );
}

/**
 * Presents the token and the node's name and password.
 * @throws KtsError `join-refused`, `join-unavailable`
 */
export async function requestJoin(
  target: JoinTarget & { readonly authority: string },
  node: { readonly name: string; readonly password: string },
  signal?: AbortSignal,
): Promise<JoinReply> {
  const { status, body } = await send(`${target.server}/v1-kts/join`, {
    method: 'POST',
    trust: { authority: target.authority },
    headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ nodeName: node.name, nodePassword: node.password }),
    signal,
  });
  if (status === 200) return joinReply(body);
  const why = statusMessage(body);
  // What the server says about who we are does not change by asking again; all else may.
  const isFinal = status === 400 || status === 401 || status === 403;
  throw joinError(isFinal ? 'join-refused' : 'join-unavailable', `${target.server} does not let this node in: ${why || `HTTP ${status}`}`);
}

function joinReply(body: string): JoinReply {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw joinError('join-unavailable', 'the server sent no JSON: is it a kts server?', error);
  }
  const reply = readJoinReply(value);
  if (!reply) throw joinError('join-unavailable', 'the server sent no cluster configuration: is it a kts server of this version?');
  return reply;
}

function statusMessage(body: string): string {
  try {
    // Parser: the message of a Status, if it is one.
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return ''; // The code is all there is.
  }
}

interface Request {
  readonly method: string;
  /** `any`: the answer is checked by its content. */
  readonly trust: 'any' | { readonly authority: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal | undefined;
}

function send(url: string, options: Request): Promise<{ status: number; body: string }> {
  const { method, headers = {}, trust, signal } = options;
  const tls = trust === 'any' ? { rejectUnauthorized: false } : { ca: trust.authority };
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      if (signal?.aborted) reject(signal.reason);
      else
        reject(
          joinError(
            'join-unavailable',
            `${new URL(url).origin} cannot be reached: ${timeout.aborted ? 'no answer' : messageOf(error)}`,
            error,
          ),
        );
    };
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const sending = request(url, { method, headers, agent: false, signal: either, ...tls }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > BODY_MAX) response.destroy(new RangeError('the answer is too long'));
      });
      response.on('error', fail);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sending.on('error', fail);
    sending.end(options.body);
  });
}
