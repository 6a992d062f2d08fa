// Which container of a pod a log, exec or attach is about, and on which node: checked as upstream does before anything is dialled.

import { isTrue } from '../../../api/query-flag.ts';
import { badRequest, StatusError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';

/** All containers of a pod by name, in the order in which they are offered. */
function containerNames(pod: core.Pod): string[] {
  const { spec } = pod;
  return [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map(
    (container) => container.name,
  );
}

/** The container to use. @throws StatusError BadRequest when the name is missing or unknown */
export function chooseContainer(pod: core.Pod, wished: string): string {
  const name = pod.metadata.name ?? '';
  const names = containerNames(pod);
  if (wished !== '') {
    if (!names.includes(wished)) throw badRequest(`container ${wished} is not valid for pod ${name}`);
    return wished;
  }
  const main = (pod.spec.containers ?? []).map((container) => container.name);
  if (main.length === 1 && main[0] !== undefined) return main[0];
  const init = (pod.spec.initContainers ?? []).map((container) => container.name);
  const or = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${main.join(' ')}]${or}`);
}

/** The parameters of exec and attach, as kubelets name them. */
export interface RemoteStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

const flag = (query: URLSearchParams, name: string): boolean => isTrue(query.get(name));

/** The streams a client asks for. @throws StatusError */
export function remoteStreams(query: URLSearchParams): RemoteStreams {
  const streams = { stdin: flag(query, 'stdin'), stdout: flag(query, 'stdout'), stderr: flag(query, 'stderr'), tty: flag(query, 'tty') };
  if (!streams.stdin && !streams.stdout && !streams.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  return { ...streams, stderr: streams.stderr && !streams.tty };
}

/** The query for a kubelet's /exec and /attach. */
export function kubeletQuery(streams: RemoteStreams, commands: readonly string[]): string {
  const out = new URLSearchParams();
  if (streams.stdin) out.set('input', '1');
  if (streams.stdout) out.set('output', '1');
  if (streams.stderr) out.set('error', '1');
  if (streams.tty) out.set('tty', '1');
  for (const command of commands) out.append('command', command);
  return out.toString();
}

/** A pod that has ended takes no commands. @throws StatusError BadRequest */
export function checkRunning(pod: core.Pod, what: string): void {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed')
    throw badRequest(`cannot ${what} a container in a completed pod; current phase is ${phase}`);
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name ?? ''} does not have a host assigned`);
}

/** The Status for an answer of a kubelet that is no success. */
export function kubeletFailure(code: number, text: string): StatusError {
  if (code === 400) return badRequest(text);
  if (code === 404) return new StatusError(404, 'NotFound', text === '' ? 'the server could not find the requested resource' : text);
  const reasons: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
  };
  return new StatusError(code, reasons[code] ?? 'InternalError', code === 500 ? `Internal error occurred: ${text}` : text);
}
