// Decides for each request whether it is recorded, and begins its record. The HTTP server tells the record what becomes of the request.

import { isIP } from 'node:net';
import { internalError } from '../../api/status-error.ts';
import { type Clock, rfc3339Micro } from '../../base/clock.ts';
import type { ApiBackend } from '../../client/api-backend.ts';
import type { AccessAttributes } from '../auth/auth.ts';
import type { Exchange } from '../http/exchange.ts';
import { isLongRunning } from '../http/request-info.ts';
import type { AuditEvent } from './audit-event.ts';
import { type AuditDecision, type AuditPolicy, auditDecision } from './audit-policy.ts';
import { type AuditedRequest, AuditRecord } from './audit-record.ts';
import type { AuditSink } from './audit-sink.ts';
import { auditedBackend } from './audited-backend.ts';

/** What a trail is made with. */
export interface AuditTrailDeps {
  readonly policy: AuditPolicy;
  /** Where events go: all of them to each. */
  readonly sinks: readonly Pick<AuditSink, 'write' | 'holdsUp'>[];
  readonly clock: Pick<Clock, 'now'>;
}

/** The trail of one server. */
export class AuditTrail {
  readonly #deps: AuditTrailDeps;
  readonly #holdsUp: boolean;
  #events = 0;
  #rejected = 0;

  constructor(deps: AuditTrailDeps) {
    this.#deps = deps;
    this.#holdsUp = deps.sinks.some(({ holdsUp }) => holdsUp);
  }

  /** Events that were made, and requests that failed since theirs could not be kept. */
  get counts(): { readonly events: number; readonly rejected: number } {
    return { events: this.#events, rejected: this.#rejected };
  }

  /**
   * Begins the record of a request whose user is known; undefined = nothing is to be recorded. It ends with the exchange. `received` is there
   * when requests wait for their events. @throws StatusError, in `received`, when this one must not go on
   */
  begin(exchange: Exchange, attributes: AccessAttributes): { readonly record: AuditRecord; readonly received?: Promise<void> } | undefined {
    const record = this.#record(exchange, attributes);
    if (!record) return undefined;
    exchange.onClose(() => void record.complete(codeOf(exchange)));
    const received = this.#receive(record);
    return { record, ...(received && { received }) };
  }

  #receive(record: AuditRecord): Promise<void> | undefined {
    return record.receive()?.then((mayGoOn) => {
      if (mayGoOn) return;
      this.#rejected++;
      throw internalError('failed to store audit event');
    });
  }

  /** Records that nobody could be authenticated; upstream does so when the answer begins. */
  refuse(exchange: Exchange, attributes: Omit<AccessAttributes, 'user'>): void {
    const record = this.#record(exchange, { ...attributes, user: { name: '', groups: [] } });
    record?.takeStatus({ status: 'Failure', reason: 'Unauthorized', message: 'Unauthorized' }, JSON.stringify);
    void record?.complete(401);
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
      return { record, received: this.#receive(record) };
    });
  }

  #new(decision: AuditDecision, request: AuditedRequest): AuditRecord {
    return new AuditRecord(request, decision, {
      write: (event) => this.#write(event),
      holdsUp: this.#holdsUp,
      now: () => rfc3339Micro(this.#deps.clock.now()),
    });
  }

  /** Gives the event to every sink; whether all of those that requests wait for let this one go on. */
  #write(event: AuditEvent): Promise<boolean> | undefined {
    this.#events++;
    const waits = this.#deps.sinks.flatMap((sink) => sink.write(event) ?? []);
    return waits.length === 0 ? undefined : Promise.all(waits).then((all) => all.every(Boolean));
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
