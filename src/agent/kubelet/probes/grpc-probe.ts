// grpc probes: grpc.health.v1.Health/Check over cleartext HTTP/2, spoken by hand (one string in, one number out), so that no gRPC
// library is loaded for it. Protocols: GRPC Health Checking Protocol, gRPC over HTTP2.

import type { ClientHttp2Session } from 'node:http2';
import type { GRPCAction } from '../../../api/types/core-v1.gen.ts';
import { hostPort, networkFailure, probeUserAgent } from './network-failure.ts';
import type { Attempt } from './probe-rules.ts';

const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const SERVING = 1;
/** gRPC status codes. */
const OK = 0;
const UNIMPLEMENTED = 12;
/** Most bytes of an answer; a real one has seven. */
const MAX_ANSWER_BYTES = 4096;

/** What came back. */
interface Answer {
  readonly code: number;
  readonly message: string;
  readonly body: Buffer;
}

/** Probes once. `signal` aborts when the time is over; `timeoutSeconds` is for the text. */
export async function probeGrpc(action: GRPCAction, podIp: string, timeoutSeconds: number, signal: AbortSignal): Promise<Attempt> {
  const address = hostPort(podIp, action.port);
  let connected = false;
  try {
    const answer = await check(address, action.service ?? '', signal, () => {
      connected = true;
    });
    return judgeAnswer(answer);
  } catch (error) {
    return { outcome: 'failure', output: failureText(error, { address, connected, timeoutSeconds, timedOut: signal.aborted }) };
  }
}

function judgeAnswer({ code, message, body }: Answer): Attempt {
  if (code === UNIMPLEMENTED) {
    const output = `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`;
    return { outcome: 'failure', output };
  }
  if (code !== OK) return { outcome: 'failure', output: `error: health rpc probe failed: rpc error: code = ${code} desc = ${message}` };
  const status = servingStatus(body);
  if (status === SERVING) return { outcome: 'success', output: 'service healthy' };
  return { outcome: 'failure', output: `service unhealthy (responded with "${STATUSES[status] ?? status}")` };
}

function failureText(
  error: unknown,
  at: { readonly address: string; readonly connected: boolean; readonly timeoutSeconds: number; readonly timedOut: boolean },
): string {
  if (at.timedOut && at.connected) return `timeout: health rpc did not complete within ${at.timeoutSeconds}s`;
  if (at.timedOut) return `timeout: failed to connect service "${at.address}" within ${at.timeoutSeconds}s: context deadline exceeded`;
  // A stream that never began carries the failure of its connection as cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return `error: failed to connect service at "${at.address}": ${networkFailure(cause, at.address)}`;
}

async function check(address: string, service: string, signal: AbortSignal, onConnect: () => void): Promise<Answer> {
  const { connect } = await import('node:http2');
  const session = connect(`http://${address}`);
  const onAbort = (): void => session.destroy(new RangeError('timed out'));
  try {
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    session.on('connect', onConnect);
    return await call(session, healthRequest(service));
  } finally {
    signal.removeEventListener('abort', onAbort);
    session.destroy();
  }
}

function call(session: ClientHttp2Session, message: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': probeUserAgent(),
      te: 'trailers',
    });
    let headers: Readonly<Record<string, unknown>> = {};
    let body = Buffer.alloc(0);
    stream.on('response', (got) => {
      headers = { ...headers, ...got };
    });
    stream.on('trailers', (got) => {
      headers = { ...headers, ...got };
    });
    stream.on('data', (chunk: Buffer) => {
      if (body.length < MAX_ANSWER_BYTES) body = Buffer.concat([body, chunk]);
    });
    stream.on('error', reject);
    stream.on('close', () => {
      const message = decodeURIComponent(String(headers['grpc-message'] ?? `unexpected HTTP status ${headers[':status'] ?? ''}`));
      // A server that is no gRPC server sends no grpc-status: unknown (2).
      resolve({ code: Number(headers['grpc-status'] ?? 2), message, body });
    });
    stream.end(message);
  });
}

/** HealthCheckRequest { string service = 1 } with the five bytes that go before each message. */
function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const fields = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(fields.length, 1);
  return Buffer.concat([head, fields]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** HealthCheckResponse { ServingStatus status = 1 }; a status of zero is left out. */
function servingStatus(body: Buffer): number {
  return body[5] === 0x08 ? (body[6] ?? 0) : 0;
}
