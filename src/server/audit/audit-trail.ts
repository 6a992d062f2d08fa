// Decides for each request whether it is recorded, and begins its record. The HTTP server tells the record what becomes of the request.

import { isIP } from 'node:net';
import { type Clock, rfc3339Micro } from '../../base/clock.ts';
import type { ApiBackend } from '../../client/api-backend.ts';
import type { AccessAttributes } from '../auth/auth.ts';
import type { Exchange } from '../http/exchange.ts';
import { isLongRunning } from '../http/request-info.ts';
import { type AuditDecision, type AuditPolicy, auditDecision } from './audit-policy.ts';
import { type AuditedRequest, AuditRecord } from './audit-record.ts';
import { auditedBackend } from './audited-backend.ts';

/** What a trail is made with. */
export interface AuditTrailDeps {
  readonly policy: AuditPolicy;
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, 'now'>;
}

/** The trail of one server. */
export class AuditTrail {
  readonly #deps: AuditTrailDeps;

  constructor(deps: AuditTrailDeps) {
    this.#deps = deps;
  }

  /** Begins the record of a request whose user is known; undefined = nothing is to be recorded. It ends with the exchange. */
  begin(exchange: Exchange, attributes: AccessAttributes): AuditRecord | undefined {
    const record = this.#record(exchange, attributes);
    record?.receive();
    if (record) exchange.onClose(() => record.complete(codeOf(exchange)));
    return record;
  }

  /** Records that nobody could be authenticated; upstream does so when the answer begins. */
  refuse(exchange: Exchange, attributes: Omit<AccessAttributes, 'user'>): void {
    const record = this.#record(exchange, { ...attributes, user: { name: '', groups: [] } });
    record?.takeStatus({ status: 'Failure', reason: 'Unauthorized', message: 'Unauthorized' }, JSON.stringify);
    record?.complete(401);
  }

  #record(exchange: Exchange, attributes: AccessAttributes): AuditRecord | undefined {
    const decision = auditDecision(this.#deps.policy, attributes);
    if (decision.level === 'None') return undefined;
    const { info, request } = exchange;
    return this.#new(decision, {
      auditId: exchange.auditId,
      requestUri: request.url ?? exchange.path,
      verb: info.verb,
      user: attributes.user,
      sourceIps: sourceIps(exchange),
      userAgent: exchange.header('user-agent'),
      object: info.isResource ? info : undefined,
      isLongRunning: isLongRunning(info),
    });
  }

  /** The backend with the calls of the control plane's own parts recorded. */
  around(backend: ApiBackend): ApiBackend {
    return auditedBackend(backend, (request) => {
      const { user, verb, object } = request;
      const decision = auditDecision(this.#deps.policy, { user, verb, ...(object && { resource: object }) });
      if (decision.level === 'None') return undefined;
      const record = this.#new(decision, request);
      record.annotate('authorization.k8s.io/decision', 'allow');
      record.annotate('authorization.k8s.io/reason', '');
      record.receive();
      return record;
    });
  }

  #new(decision: AuditDecision, request: AuditedRequest): AuditRecord {
    return new AuditRecord(request, decision, { write: this.#deps.write, now: () => rfc3339Micro(this.#deps.clock.now()) });
  }
}

/** The code of an answer: 101 for a connection that was switched, 499 when the client went before there was one. */
function codeOf({ upgrade, answered, response }: Exchange): number {
  if (answered) return response.statusCode;
  return upgrade ? 101 : 499;
}

/** Where the request comes from: what proxies say of it, and who is at the other end of the connection. */
function sourceIps(exchange: Exchange): string[] {
  const forwarded = (exchange.header('x-forwarded-for') ?? '').split(',').map((text) => text.trim());
  const real = (exchange.header('x-real-ip') ?? '').trim();
  const remote = (exchange.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return [...new Set([...forwarded, real, remote])].filter((text) => isIP(text) > 0);
}
