// Runs lifecycle hooks: exec in the container, an HTTP GET, a sleep.

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Container, HTTPGetAction, LifecycleHandler } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { StreamingRuntime } from '../../cri/runtime.ts';
import { kubeletError } from './errors.ts';

/** What hooks need. */
export interface HookDeps {
  readonly runtime: Pick<StreamingRuntime, 'execSync'>;
  readonly clock: Clock;
}

/** The container a hook runs for. */
export interface HookTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

/** Most bytes read of a hook's HTTP answer: they go into a message at most. */
const MAX_ANSWER = 10 << 10;

/** Runs the handler to its end or until the signal aborts. @throws KtsError `kubelet-hook` when it fails. */
export async function runHook(
  handler: LifecycleHandler,
  target: HookTarget,
  deps: HookDeps & { readonly signal: AbortSignal },
): Promise<void> {
  if (handler.exec) {
    const { exitCode, stdout, stderr } = await deps.runtime.execSync(target.containerId, handler.exec.command ?? [], 0, {
      signal: deps.signal,
    });
    if (exitCode === 0) return;
    const said = Buffer.concat([stdout, stderr]).toString('utf8').slice(0, 1024);
    throw kubeletError('kubelet-hook', `command '${(handler.exec.command ?? []).join(' ')}' exited with ${exitCode}: ${said}`);
  }
  if (handler.sleep) await deps.clock.sleep(handler.sleep.seconds * 1000, deps.signal);
  else if (handler.httpGet) await httpHook(handler.httpGet, target, deps.signal);
  else throw kubeletError('kubelet-hook', 'invalid handler: tcpSocket is not supported in lifecycle hooks');
}

/** The number of a port given by number or by name. */
function portNumber(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find((p) => p.name === port)?.containerPort ?? Number(port);
  if (!Number.isInteger(named)) throw kubeletError('kubelet-hook', `couldn't find port: "${port}"`);
  return named;
}

function httpHook(action: HTTPGetAction, { container, podIp }: HookTarget, signal: AbortSignal): Promise<void> {
  const secure = action.scheme?.toUpperCase() === 'HTTPS';
  const path = action.path ?? '/';
  const options = {
    host: action.host || podIp,
    port: portNumber(container, action.port),
    path: path.startsWith('/') ? path : `/${path}`,
    headers: {
      'user-agent': 'kube-lifecycle/1.36',
      accept: '*/*',
      ...Object.fromEntries((action.httpHeaders ?? []).map((h) => [h.name, h.value])),
    },
    signal,
    rejectUnauthorized: false, // as documented: the certificate of a hook is not checked
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const call = (secure ? httpsRequest : httpRequest)(options, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER) response.destroy();
      });
      response.on('close', () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 400) resolve();
        else reject(kubeletError('kubelet-hook', `HTTP hook answered with status ${statusCode}`));
      });
    });
    call.on('error', (cause) => reject(kubeletError('kubelet-hook', cause.message, { cause })));
    call.end();
  });
}
