// The filters every request passes, in order, before it is handled: the order is the list at the end of this file.
// A filter refuses by throwing a StatusError; what must be undone when the request is over goes to Exchange.onClose.

import { durationNanos } from '../../api/codec/time.ts';
import { badRequest, forbidden, StatusError, unauthorized } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { AccessAttributes, Authenticator, Authorizer } from '../auth/auth.ts';
import { ANONYMOUS } from '../auth/auth.ts';
import type { AnonymousAccess } from '../auth/oidc/authentication-configuration.ts';
import type { Exchange } from './exchange.ts';
import type { Admitted, FlowControl } from './flow-control/flow-control.ts';
import { listSeats, readsCollection } from './flow-control/list-width.ts';
import { impersonatedUser, impersonationChecks, impersonationWish } from './impersonation.ts';
import { isLongRunning, type RequestInfo } from './request-info.ts';
import type { InFlight } from './request-metrics.ts';
import type { RouteTable } from './routes.ts';

/** What the filters need of the server. */
export interface FilterDeps {
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly flowControl: Pick<FlowControl, 'flowOf' | 'admit'>;
  /** Objects stored of the resource and namespace that a request is for; 0 for a resource that is not kept here. */
  readonly storedObjects: (info: RequestInfo) => number;
  readonly inFlight: InFlight;
  /** What is served at paths that are no resources. */
  readonly routes: Pick<RouteTable, 'find'>;
  /** Which requests without credentials are served as system:anonymous. */
  readonly anonymous: AnonymousAccess;
  /** Records requests; absent = none. */
  readonly audit?: Pick<AuditTrail, 'begin' | 'refuse'>;
}

/** One filter. */
export interface Filter {
  readonly name: string;
  apply(exchange: Exchange, deps: FilterDeps): Promise<void> | void;
}

/** A request that is not long-running is answered within this time, as upstream. */
const DEADLINE_MS = 60_000;

const deadline: Filter = {
  name: 'deadline',
  apply(exchange, deps) {
    if (isLongRunning(exchange.info) || isUnhurried(exchange, deps)) return;
    const timer = deps.clock.after(deadlineOf(exchange.query), () => {
      exchange.abort(
        new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', { retryAfterSeconds: 0 }),
      );
    });
    exchange.onClose(() => timer.cancel());
  },
};

const isUnhurried = ({ info, path }: Exchange, { routes }: FilterDeps): boolean =>
  !info.isResource && routes.find(path)?.unhurried === true;

/** How long a request may take: what its `timeout` parameter (a Go duration) asks for, at most the server's own. @throws StatusError BadRequest */
export function deadlineOf(query: URLSearchParams): number {
  const asked = query.get('timeout');
  if (asked === null || asked === '' || asked === '0') return DEADLINE_MS;
  const nanos = durationNanos(asked);
  if (nanos === undefined || nanos < 0n)
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(asked)}`);
  const ms = Number(nanos) / 1e6;
  return ms > 0 ? Math.min(ms, DEADLINE_MS) : DEADLINE_MS;
}

const authentication: Filter = {
  name: 'authentication',
  async apply(exchange, deps) {
    try {
      exchange.user = await userOf(exchange, deps);
    } catch (error) {
      const { user: _, ...attributes } = attributesOf(ANONYMOUS, exchange.info, exchange.query);
      deps.audit?.refuse(exchange, attributes);
      throw error;
    }
  },
};

/** Who asks. @throws StatusError Unauthorized */
async function userOf(exchange: Exchange, deps: FilterDeps): Promise<UserInfo> {
  const protocols = exchange.header('sec-websocket-protocol');
  const user = await deps.authenticator.authenticate({
    authorization: exchange.header('authorization'),
    webSocketProtocols: protocols === undefined ? [] : protocols.split(',').map((text) => text.trim()),
    clientCertificate: exchange.clientCertificate,
    rawHeaders: exchange.request.rawHeaders,
  });
  const { enabled, paths } = deps.anonymous;
  const mayBeAnonymous = enabled && (paths === undefined || paths.includes(exchange.path));
  if (!user && !mayBeAnonymous) throw unauthorized();
  return user ?? ANONYMOUS;
}

const audit: Filter = {
  name: 'audit',
  apply(exchange, deps) {
    const begun = deps.audit?.begin(exchange, attributesOf(exchange.user, exchange.info, exchange.query));
    exchange.audit = begun?.record;
    return begun?.received;
  },
};

const impersonation: Filter = {
  name: 'impersonation',
  apply(exchange, deps) {
    const wish = impersonationWish(exchange.request.rawHeaders);
    if (!wish) return;
    for (const attributes of impersonationChecks(exchange.user, wish)) demandAccess(deps.authorizer, attributes);
    exchange.user = impersonatedUser(wish);
    exchange.audit?.impersonate(exchange.user);
  },
};

const fairness: Filter = {
  name: 'priority-and-fairness',
  apply(exchange, deps) {
    const { info, response } = exchange;
    const watches = info.isResource && info.verb === 'watch';
    if (isLongRunning(info) && !watches) return undefined;
    const flow = deps.flowControl.flowOf({ user: exchange.user, info });
    response.setHeader('x-kubernetes-pf-flowschema-uid', flow.schema.metadata.uid ?? '');
    response.setHeader('x-kubernetes-pf-prioritylevel-uid', flow.level.uid);
    const seats = readsCollection(info, exchange.query) ? listSeats(exchange.query, deps.storedObjects(info)) : 1;
    const admitted = deps.flowControl.admit(flow, exchange.signal, seats);
    const enter = ({ release }: Admitted): void => {
      // Of a watch only its beginning is work.
      if (watches) exchange.onAnswer(release);
      else exchange.onClose(release);
      if (!watches) exchange.onClose(deps.inFlight.enter(isMutating(exchange.method) ? 'mutating' : 'readonly'));
    };
    return admitted instanceof Promise ? admitted.then(enter) : enter(admitted);
  },
};

const isMutating = (method: string): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';

const authorization: Filter = {
  name: 'authorization',
  apply(exchange, deps) {
    const attributes = attributesOf(exchange.user, exchange.info, exchange.query);
    const { decision, reason } = deps.authorizer.authorize(attributes);
    exchange.audit?.annotate('authorization.k8s.io/decision', decision === 'allow' ? 'allow' : 'forbid');
    exchange.audit?.annotate('authorization.k8s.io/reason', reason);
    if (decision !== 'allow') throw accessDenied(attributes, reason);
  },
};

/** What a request asks to be allowed. */
export function attributesOf(user: UserInfo, info: RequestInfo, query: URLSearchParams): AccessAttributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource, namespace, name } = info;
  const fieldSelector = query.get('fieldSelector');
  const labelSelector = query.get('labelSelector');
  const selects = verb === 'list' || verb === 'watch' || verb === 'deletecollection';
  return {
    user,
    verb,
    resource: {
      group,
      version,
      resource,
      subresource,
      namespace,
      name,
      ...(selects && fieldSelector !== null && { fieldSelector }),
      ...(selects && labelSelector !== null && { labelSelector }),
    },
  };
}

/** @throws StatusError Forbidden with upstream's words */
export function demandAccess(authorizer: Authorizer, attributes: AccessAttributes): void {
  const { decision, reason } = authorizer.authorize(attributes);
  if (decision !== 'allow') throw accessDenied(attributes, reason);
}

function accessDenied(attributes: AccessAttributes, decisionReason: string): StatusError {
  const reason = decisionReason === '' ? '' : `: ${decisionReason}`;
  const who = `User ${JSON.stringify(attributes.user.name)} cannot ${attributes.verb}`;
  const { resource } = attributes;
  if (!resource) return new StatusError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(attributes.path ?? '')}${reason}`, {});
  const full = resource.subresource === '' ? resource.resource : `${resource.resource}/${resource.subresource}`;
  const where = resource.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(resource.namespace)}`;
  const why = `${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(resource.group)} ${where}${reason}`;
  return forbidden(resource, resource.name, why);
}

/** The order. Who asks must be known before what may be done; what is refused must not cost a place among the requests in flight. */
export const FILTERS: readonly Filter[] = [deadline, authentication, audit, impersonation, fairness, authorization];
