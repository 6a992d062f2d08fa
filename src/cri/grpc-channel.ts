// gRPC over a unix socket with raw bytes as messages. The only file that imports @grpc/grpc-js (loaded when first connected).

import type { Client as GrpcClient, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import { criError, errorOfStatus } from './errors.ts';

/** Options of a call. */
export interface CallOptions {
  /** Ends the call with `cri-deadline`. Absent = no limit. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Calls by gRPC path (`/package.Service/Method`). Failures are KtsErrors of errors.ts; an abort rejects with the signal's reason. */
export interface GrpcChannel {
  unary(path: string, request: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Messages until the server or the signal ends the stream (an abort ends it quietly). */
  serverStream(path: string, request: Uint8Array, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
}

/** Largest message either way: 30 pods' lists are 100 kB; ExecSync output is bounded by containerd at 16 MiB. */
const MAX_MESSAGE = 32 << 20;
const same = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const back = (bytes: Buffer): Uint8Array => bytes;

/** A channel to the server on a unix socket. It connects with the first call and again after a loss. */
export async function openGrpcChannel(socketPath: string, clock: Pick<Clock, 'after'>): Promise<GrpcChannel> {
  const grpc = await import('@grpc/grpc-js');
  const client = new grpc.Client(`unix:${socketPath}`, grpc.credentials.createInsecure(), {
    'grpc.default_authority': 'localhost', // a path as authority is refused by Go's HTTP/2 server
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.max_send_message_length': MAX_MESSAGE,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 1000,
  });
  return {
    unary: (path, request, options = {}) => unary(client, { path, request, options, clock }),
    serverStream: (path, request, signal) => serverStream(client, { path, request, signal }),
    close: () => client.close(),
  };
}

interface UnaryCall {
  readonly path: string;
  readonly request: Uint8Array;
  readonly options: CallOptions;
  readonly clock: Pick<Clock, 'after'>;
}

function unary(client: GrpcClient, { path, request, options, clock }: UnaryCall): Promise<Uint8Array> {
  const { signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const giveUp = (reason: unknown): void => {
      reject(reason);
      call.cancel();
    };
    const onAbort = (): void => giveUp(signal?.reason);
    // Not gRPC's own deadline: that one is wall-clock time, which may jump.
    const timer =
      timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => giveUp(criError('cri-deadline', 'context deadline exceeded')));
    const call = client.makeUnaryRequest(path, same, back, request, (error: ServiceError | null, bytes?: Uint8Array) => {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
      if (error) reject(errorOfStatus(error.code, error.details));
      else if (bytes) resolve(bytes);
      else reject(criError('cri-protocol', `${path}: no answer`));
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface StreamCall {
  readonly path: string;
  readonly request: Uint8Array;
  readonly signal: AbortSignal;
}

async function* serverStream(client: GrpcClient, { path, request, signal }: StreamCall): AsyncIterable<Uint8Array> {
  const call = client.makeServerStreamRequest(path, same, back, request);
  const onAbort = (): void => call.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) return;
    for await (const message of call) yield message as Uint8Array; // readable streams are typed `any`
  } catch (error) {
    if (signal.aborted) return;
    const { code, details } = error as ServiceError; // what grpc-js emits on its calls
    throw errorOfStatus(code ?? 2, details ?? String(error));
  } finally {
    signal.removeEventListener('abort', onAbort);
    call.cancel();
  }
}
