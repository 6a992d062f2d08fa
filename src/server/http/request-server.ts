// Runs a request through the filters to its handler, and turns whatever goes wrong into a Status. Nothing escapes from here:
// a failure that is not a Status is a bug, told in one log line and answered with 500.

import { internalError, StatusError } from '../../api/status-error.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { resourceNotFound } from '../registry/call-result.ts';
import type { Aggregation } from './aggregation.ts';
import { jsonText } from './encoded-object.ts';
import type { Exchange } from './exchange.ts';
import { FILTERS, type FilterDeps } from './filters.ts';
import { negotiate, type Representation } from './media-type.ts';
import { handleResource, type ResourceHandlerDeps } from './resource-handler.ts';
import { sendStatus } from './response-writer.ts';
import { type RouteTable, serves } from './routes.ts';

/** Told of each request when it is over, for metrics. */
export type RequestObserver = (exchange: Exchange, durationMs: number) => void;

/** What serving requests needs. */
export interface RequestServerDeps extends FilterDeps, ResourceHandlerDeps {
  readonly routes: RouteTable;
  readonly aggregation?: Pick<Aggregation, 'handlerOf'>;
  readonly log: Logger;
  readonly observe: RequestObserver;
}

/** Serves one request to its end. Never rejects. */
export async function serveRequest(exchange: Exchange, deps: RequestServerDeps): Promise<void> {
  const started = deps.clock.monotonic();
  exchange.onClose(() => deps.observe(exchange, deps.clock.monotonic() - started));
  exchange.request.on('error', ignoreClientError);
  try {
    await untilAborted(exchange, handle(exchange, deps));
  } catch (error) {
    await answerFailure(exchange, error, deps);
  }
}

function ignoreClientError(): void {
  // The client broke its own request; the exchange closes and nobody is left to tell.
}

/** Runs filters and handler. @throws whatever they throw */
async function handle(exchange: Exchange, deps: RequestServerDeps): Promise<void> {
  const route = exchange.info.isResource ? undefined : deps.routes.find(exchange.path);
  if (!route?.open) {
    for (const filter of FILTERS) {
      const pending = filter.apply(exchange, deps);
      if (pending) await pending;
    }
  }
  const remote = deps.aggregation?.handlerOf(exchange.path);
  if (remote) await remote(exchange);
  else if (exchange.info.isResource) await handleResource(exchange, deps);
  else if (!route) throw resourceNotFound();
  else if (!serves(route, exchange.method))
    throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
  else await route.handle(exchange);
}

/** The work, unless the deadline or the client ends it first. */
function untilAborted(exchange: Exchange, work: Promise<void>): Promise<void> {
  const { signal } = exchange;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function answerFailure(exchange: Exchange, error: unknown, deps: RequestServerDeps): Promise<void> {
  const { response } = exchange;
  if (exchange.closed || response.writableEnded) return;
  const status = error instanceof StatusError ? error : failureOf(exchange, error, deps.log);
  exchange.audit?.takeStatus(status.status, jsonText);
  if (exchange.answered) {
    // Too late for a Status: a broken stream tells the client that the answer is not whole.
    response.destroy();
    return;
  }
  try {
    await sendStatus(exchange, status, representationOf(exchange));
  } catch (sendError) {
    deps.log.debug('answer not sent', { path: exchange.path, error: messageOf(sendError) });
    response.destroy();
  }
}

function failureOf(exchange: Exchange, error: unknown, log: Logger): StatusError {
  if (!isAbort(error)) {
    log.error('request failed', { method: exchange.method, path: exchange.path, error });
    exchange.audit?.panic(messageOf(error));
  }
  return internalError(messageOf(error));
}

function representationOf(exchange: Exchange): Representation | undefined {
  try {
    return negotiate(exchange.header('accept'));
  } catch {
    // The failure is about what the client accepts: it gets JSON.
    return undefined;
  }
}
