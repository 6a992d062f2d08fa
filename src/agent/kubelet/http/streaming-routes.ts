// exec, attach and port-forward: the runtime is asked for a URL, and the client's connection is tunnelled to it unread.
// Also /run, which runs a command to its end. Query parameters are those of upstream's kubelet.

import type { IncomingMessage } from 'node:http';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import { messageOf } from '../../../base/errors.ts';
import { tunnelUpgrade } from '../../../base/spdy/tunnel.ts';
import type { UpgradeEvent } from '../../../base/websocket.ts';
import type { PodDirectory, StreamOptions } from '../pod-directory.ts';
import { RouteError, type RouteHandler, sendText } from './route.ts';

/** What streaming needs of the kubelet. */
export type StreamingPods = Pick<PodDirectory, 'pod' | 'container' | 'sandboxId' | 'execUrl' | 'attachUrl' | 'portForwardUrl' | 'execSync'>;

/** An upgrade request that was authorized. */
export interface StreamRequest {
  readonly event: UpgradeEvent;
  /** `exec`, `attach` or `portForward`, then the path segments after it. */
  readonly kind: string;
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
}

/** Serves one streaming request to its end. @throws RouteError before anything was answered */
export async function serveStream(stream: StreamRequest, pods: StreamingPods): Promise<void> {
  const url = await streamUrl(stream, pods).catch((error: unknown) => {
    throw error instanceof RouteError ? error : new RouteError(500, messageOf(error), error);
  });
  const method = stream.event.request.method ?? 'POST';
  await tunnelUpgrade(stream.event, { url, method, signal: stream.signal });
}

async function streamUrl({ kind, segments, query, event }: StreamRequest, pods: StreamingPods): Promise<string> {
  if (kind === 'portForward') {
    const pod = podOf(pods, segments[0], segments[1], segments[2]);
    const sandbox = pods.sandboxId(pod.metadata.uid ?? '');
    if (sandbox === undefined) throw new RouteError(404, `not found ("${pod.metadata.name}_${pod.metadata.namespace}")`);
    return pods.portForwardUrl(sandbox, portsOf(query, event.request));
  }
  const { id } = containerOf(pods, segments);
  const streams = streamOptions(query);
  if (kind === 'attach') return pods.attachUrl(id, streams);
  return pods.execUrl(id, query.getAll('command'), streams);
}

/** `<namespace>/<pod>/<container>`, or with the pod's UID before the container. */
function containerOf(pods: StreamingPods, segments: readonly string[]): { id: string } {
  const [namespace, name, third, fourth] = segments;
  const [uid, container] = fourth === undefined ? [undefined, third] : [third, fourth];
  const pod = podOf(pods, namespace, name, uid);
  const instance = pods.container(pod.metadata.uid ?? '', container ?? '');
  if (instance?.state !== 'running') throw new RouteError(404, `container not found ("${container ?? ''}")`);
  return instance;
}

function podOf(pods: StreamingPods, namespace = '', name = '', uid?: string): Pod {
  const pod = pods.pod(namespace, name, uid);
  if (!pod) throw new RouteError(404, 'pod does not exist');
  return pod;
}

/** Which streams a query asks for. @throws RouteError 400 when it is none */
function streamOptions(query: URLSearchParams): StreamOptions {
  const has = (name: string): boolean => ['1', 'true'].includes(query.get(name) ?? '');
  const tty = has('tty');
  const options = { stdin: has('input'), stdout: has('output'), stderr: has('error') && !tty, tty };
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw new RouteError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  return options;
}

/** WebSocket clients name their ports in the query; SPDY clients in the streams' headers. */
function portsOf(query: URLSearchParams, request: IncomingMessage): number[] {
  const ports = query
    .getAll('port')
    .flatMap((text) => text.split(','))
    .map(Number);
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535)) throw new RouteError(400, 'invalid port');
  if (ports.length === 0 && request.headers.upgrade?.toLowerCase() === 'websocket')
    throw new RouteError(400, 'query parameter "port" is required');
  return ports;
}

/** POST /run/<namespace>/<pod>/[<uid>/]<container>?cmd=…: answers with what the command printed. */
export function runCommand(pods: StreamingPods): RouteHandler {
  return async ({ segments, query, response }) => {
    const { id } = containerOf(pods, segments);
    const result = await pods.execSync(id, (query.get('cmd') ?? '').split(' '), 0).catch((error: unknown) => {
      throw new RouteError(500, messageOf(error), error);
    });
    const output = Buffer.concat([result.stdout, result.stderr]).toString();
    if (result.exitCode !== 0) throw new RouteError(500, `${output}command '${query.get('cmd')}' exited with ${result.exitCode}`);
    sendText(response, output);
  };
}
