// GET /containerLogs/<namespace>/<pod>/<container>: what `kubectl logs` shows, with upstream's texts where there is nothing to show.

import type { ContainerStatus, Pod } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import { readLog } from '../logs/log-reader.ts';
import type { ContainerInstance, PodDirectory } from '../pod-directory.ts';
import { type LogQuery, parseLogQuery } from './log-query.ts';
import { RouteError, type RouteHandler, writeBody } from './route.ts';

/** What the handler needs. */
export interface ContainerLogsDeps {
  readonly pods: Pick<PodDirectory, 'pod' | 'container' | 'containers'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
}

/** The handler. */
export function containerLogs(deps: ContainerLogsDeps): RouteHandler {
  return async ({ segments, query, response, signal }) => {
    const [namespace = '', podName = '', container = ''] = segments;
    if (container === '') throw new RouteError(400, 'Container name is required');
    const options = checkedQuery(query, deps.clock.now());
    const pod = deps.pods.pod(namespace, podName);
    if (!pod) throw new RouteError(404, 'pod does not exist');
    if (!hasContainer(pod, container)) throw new RouteError(404, 'container not found in pod');
    const instance = instanceFor(pod, container, options, deps);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    await readLog(
      { ...options, path: instance.logPath },
      {
        clock: deps.clock,
        signal,
        write: (bytes) => writeBody(response, bytes),
        running: () => isRunning(pod, instance, deps),
      },
    ).catch((error: unknown) => {
      // The head is sent: the text goes where the user looks, as upstream does.
      response.write(messageOf(error));
    });
    response.end();
  };
}

function checkedQuery(query: URLSearchParams, nowMs: number): LogQuery {
  try {
    return parseLogQuery(query, nowMs);
  } catch (error) {
    throw new RouteError(422, messageOf(error), error);
  }
}

function hasContainer(pod: Pod, name: string): boolean {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...containers, ...initContainers, ...ephemeralContainers].some((container) => container.name === name);
}

function instanceFor(pod: Pod, name: string, query: LogQuery, deps: ContainerLogsDeps): ContainerInstance {
  const { previous } = query;
  const found = deps.pods.container(pod.metadata.uid ?? '', name, { previous });
  if (found && found.state !== 'created') return found;
  throw new RouteError(400, missingLogText(pod, name, { previous }));
}

/** Why a container has no log to show. */
function missingLogText(pod: Pod, name: string, want: { readonly previous: boolean }): string {
  const where = `container "${name}" in pod "${pod.metadata.name}"`;
  if (want.previous) return `previous terminated ${where} not found`;
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const all: readonly ContainerStatus[] = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const waiting = all.find((status) => status.name === name)?.state?.waiting;
  if (!waiting) return `${where} is not available`;
  switch (waiting.reason) {
    case 'ErrImagePull':
      return `${where} is waiting to start: image can't be pulled`;
    case 'ImagePullBackOff':
      return `${where} is waiting to start: trying and failing to pull image`;
    default:
      return `${where} is waiting to start: ${waiting.reason ?? ''}`;
  }
}

function isRunning(pod: Pod, instance: ContainerInstance, deps: ContainerLogsDeps): boolean {
  const now = deps.pods.containers(pod.metadata.uid ?? '').find(({ id }) => id === instance.id);
  return now?.state === 'running' || now?.state === 'created';
}
