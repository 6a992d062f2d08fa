// Extension API servers as parts of the control plane reach them: a transport below the client that speaks HTTP, and a client that
// knows which resources are theirs.

import type { IncomingMessage } from 'node:http';
import { groupVersionString } from '../../../api/resources.ts';
import { badRequest, serviceUnavailable } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Client } from '../../../client/client.ts';
import { HttpClient, type Transport } from '../../../client/http-client.ts';
import { authProxyHeaders } from '../../auth/auth-proxy-headers.ts';
import type { RemoteClient } from './remote-client.ts';
import type { RemoteService } from './remote-service.ts';

/** A request that is no watch is answered within this time, or the server counts as one that does not answer. */
const ANSWER_MS = 30_000;
/** Requests without a signal of their own are not ended from outside. */
const NEVER = new AbortController().signal;

/** Requests to one extension API server as `user`. It keeps nothing that would have to be closed. */
function remoteTransport(remote: RemoteService, deps: Pick<AggregatedClientDeps, 'client' | 'clock' | 'user'>): Transport {
  const what = groupVersionString(remote);
  return {
    async request({ method, path, headers = {}, body, signal = NEVER }) {
      if (!remote.available) throw serviceUnavailable(`the API server of ${what} is not available`);
      const bytes = body === undefined ? undefined : Buffer.from(body);
      const late = new AbortController();
      const timer = isWatch(path) ? undefined : deps.clock.after(ANSWER_MS, () => late.abort(serviceUnavailable('no answer in time')));
      try {
        const answer = await deps.client.send(remote, deps.client.resolve(remote), {
          method,
          path,
          headers: { ...headers, ...(bytes && { 'content-length': bytes.byteLength }), ...authProxyHeaders(deps.user) },
          signal: AbortSignal.any([signal, late.signal]),
          ...(bytes && { body: async (sink) => void sink.end(bytes) }),
        });
        answer.on('close', () => timer?.cancel());
        if (isNobodys(answer)) throw serviceUnavailable('what answers is no API server');
        return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
      } catch (error) {
        timer?.cancel();
        signal.throwIfAborted();
        // Also a Service that is not there: it says nothing of the objects.
        throw serviceUnavailable(`the API server of ${what} does not answer: ${messageOf(error)}`);
      }
    },
    renew: () => {},
    close: async () => {},
  };
}

const isWatch = (path: string): boolean => /[?&]watch=true\b/.test(path);

/** Whether an answer says that something is not there and is no Status: then it is not the object of which it says so. */
function isNobodys(answer: IncomingMessage): boolean {
  const isNone = answer.statusCode === 404 && !answer.headers['content-type']?.includes('json');
  if (isNone) answer.destroy();
  return isNone;
}

/** What the client of everything is made with. */
export interface AggregatedClientDeps {
  readonly own: Client;
  readonly client: RemoteClient;
  readonly clock: Pick<Clock, 'after'>;
  readonly user: UserInfo;
  /** The extension API server of a group version, if there is one. */
  readonly remoteOf: (gv: { readonly group: string; readonly version: string }) => RemoteService | undefined;
}

/** A client of this server's resources and of those of extension API servers. */
export function aggregatedClient(deps: AggregatedClientDeps): Client {
  const of = (resource: { readonly group: string; readonly version: string }): Client => {
    const remote = deps.remoteOf(resource);
    if (!remote) return deps.own;
    const { name, namespace } = remote.service;
    return new HttpClient({ server: `https://${name}.${namespace}.svc` }, { clock: deps.clock, transport: remoteTransport(remote, deps) });
  };
  return {
    get: (resource, name, options) => of(resource).get(resource, name, options),
    list: (resource, options) => of(resource).list(resource, options),
    watch(resource, options) {
      // Not every server knows streaming lists, and one that does not may take such a request for another: those are listed, then watched.
      if (options.sendInitialEvents && deps.remoteOf(resource)) throw badRequest('extension API servers are listed, then watched');
      return of(resource).watch(resource, options);
    },
    create: (resource, object, options) => of(resource).create(resource, object, options),
    update: (resource, object, options) => of(resource).update(resource, object, options),
    patch: (resource, name, patch, options) => of(resource).patch(resource, name, patch, options),
    delete: (resource, name, options) => of(resource).delete(resource, name, options),
    deleteCollection: (resource, selection, options) => of(resource).deleteCollection(resource, selection, options),
  };
}
