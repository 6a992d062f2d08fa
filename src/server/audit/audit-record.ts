// The record of one request in the audit log: what is learned of it on its way, written as one audit.k8s.io/v1 Event at each stage.
// https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/

import type { Status } from '../../api/types/meta-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import { type AuditEvent, EVENT_HEAD, TRUNCATED } from './audit-event.ts';
import { type AuditDecision, type AuditStage, recordsAtLeast } from './audit-policy.ts';

/** What is known of a request from the start. */
export interface AuditedRequest {
  readonly auditId: string;
  readonly requestUri: string;
  readonly verb: string;
  readonly user: UserInfo;
  readonly sourceIps: readonly string[];
  readonly userAgent: string | undefined;
  /** Absent for paths that are no resources. */
  readonly object: AuditedObject | undefined;
  readonly isLongRunning: boolean;
}

/** The object a request is about. */
export interface AuditedObject {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly subresource: string;
}

/** What a record is written with. */
export interface AuditRecordDeps {
  /** Takes an event; when requests wait for it, whether this one may go on. */
  readonly write: (event: AuditEvent) => Promise<boolean> | undefined;
  /** Whether requests wait until their events are kept. */
  readonly holdsUp: boolean;
  /** RFC 3339 with six digits. */
  readonly now: () => string;
}

/** Keys of what mutating webhooks made of an object: as confidential as the object itself. */
const PATCH_PREFIX = 'patch.webhook.admission.k8s.io/';

/** The JSON of an object as it goes to clients. */
export type JsonOf = (object: object) => string;

/** One record. */
export class AuditRecord {
  readonly #request: AuditedRequest;
  readonly #decision: AuditDecision;
  readonly #deps: AuditRecordDeps;
  readonly #received: string;
  readonly #annotations = new Map<string, string>();
  #impersonated: UserInfo | undefined;
  /** Of the object in the request: what the path did not say. */
  #named: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string } = {};
  #requestJson: string | undefined;
  #responseJson: string | undefined;
  #status: Partial<Status> | undefined;
  #started = false;
  #ended = false;

  constructor(request: AuditedRequest, decision: AuditDecision, deps: AuditRecordDeps) {
    this.#request = request;
    this.#decision = decision;
    this.#deps = deps;
    this.#received = deps.now();
  }

  /** Adds an annotation; the first value of a key stays. */
  readonly annotate = (key: string, value: string): void => {
    if (key.startsWith(PATCH_PREFIX) && !recordsAtLeast(this.#decision.level, 'Request')) return;
    if (!this.#annotations.has(key)) this.#annotations.set(key, value);
  };

  /** The user on whose behalf the request is made. */
  impersonate(user: UserInfo): void {
    this.#impersonated = user;
  }

  /** Takes the object (or patch) of the request. */
  takeRequest(object: object, json: JsonOf): void {
    const { metadata } = object as { metadata?: { name?: string; uid?: string; resourceVersion?: string } }; // What is no object has none.
    this.#named = metadata ?? {};
    if (recordsAtLeast(this.#decision.level, 'Request')) this.#requestJson = json(this.#shown(object));
  }

  /** Takes the object of the answer; `make` is asked only when the policy wants it. */
  takeResponse(make: () => object, json: JsonOf): void {
    if (recordsAtLeast(this.#decision.level, 'RequestResponse')) this.#responseJson = json(this.#shown(make()));
  }

  /** Takes the Status that is the answer. */
  takeStatus(status: Partial<Status>, json: JsonOf): void {
    this.#status = status;
    this.takeResponse(() => status, json);
  }

  /** The request has arrived and its user is known. When requests wait for their events: whether this one may go on. */
  receive(): Promise<boolean> | undefined {
    return this.#emit('RequestReceived');
  }

  /** The head of the answer is sent; told of only when the rest may take long. */
  start(code: number): void {
    if (this.#started || !this.#request.isLongRunning) return;
    this.#started = true;
    this.#emit('ResponseStarted', code);
  }

  /** The request failed by a fault of the server. */
  panic(message: string): void {
    this.#status = { status: 'Failure', message: `APIServer panic'd: ${message}`, reason: 'InternalError', code: 500 };
    this.#end('Panic', 500);
  }

  /** The whole answer is ready to be sent. When requests wait for their events, that is recorded now, and the answer waits for it, too. */
  finish(code: number): Promise<unknown> | undefined {
    return this.#deps.holdsUp ? this.complete(code) : undefined;
  }

  /** The answer is complete, or the client is gone. */
  complete(code: number): Promise<unknown> | undefined {
    if (!this.#ended) this.start(code);
    return this.#end('ResponseComplete', code);
  }

  #end(stage: AuditStage, code: number): Promise<unknown> | undefined {
    if (this.#ended) return undefined;
    this.#ended = true;
    return this.#emit(stage, code);
  }

  #emit(stage: AuditStage, code?: number): Promise<boolean> | undefined {
    if (this.#decision.omitStages.includes(stage)) return undefined;
    const [head, tail] = this.#parts(stage, code);
    const objects = [
      ...(this.#requestJson === undefined ? [] : [`"requestObject":${this.#requestJson}`]),
      ...(this.#responseJson === undefined ? [] : [`"responseObject":${this.#responseJson}`]),
    ];
    const keepsObjects = recordsAtLeast(this.#decision.level, 'Request');
    return this.#deps.write({
      line: lineOf(head, objects, tail),
      bare: () => (keepsObjects ? lineOf(head, [], { ...tail, annotations: { ...tail.annotations, [TRUNCATED]: 'true' } }) : undefined),
    });
  }

  /** What stands before the objects, and what after them. */
  #parts(stage: AuditStage, code: number | undefined): [head: object, tail: { readonly annotations?: Readonly<Record<string, string>> }] {
    const { auditId, requestUri, verb, user, sourceIps, userAgent } = this.#request;
    const head = {
      level: this.#decision.level,
      auditID: auditId,
      stage,
      requestURI: requestUri,
      verb,
      user: userJson(user),
      ...(this.#impersonated && { impersonatedUser: userJson(this.#impersonated) }),
      ...(sourceIps.length > 0 && { sourceIPs: sourceIps }),
      ...(userAgent !== undefined && { userAgent }),
      ...this.#objectRef(),
      ...(code !== undefined && { responseStatus: this.#responseStatus(code) }),
    };
    const tail = {
      requestReceivedTimestamp: this.#received,
      stageTimestamp: stage === 'RequestReceived' ? this.#received : this.#deps.now(),
      ...(this.#annotations.size > 0 && { annotations: Object.fromEntries(this.#annotations) }),
    };
    return [head, tail];
  }

  #objectRef(): object {
    const { object } = this.#request;
    if (!object) return {};
    const { name, uid, resourceVersion } = this.#named;
    const said = {
      resource: object.resource,
      namespace: object.namespace,
      name: object.name || name,
      uid,
      apiGroup: object.group,
      apiVersion: object.version,
      resourceVersion,
      subresource: object.subresource,
    };
    return { objectRef: Object.fromEntries(Object.entries(said).filter(([, value]) => value)) };
  }

  #responseStatus(code: number): object {
    const { status, message, reason, details } = this.#status ?? {};
    return {
      metadata: {},
      ...(status && { status }),
      ...(message && { message }),
      ...(reason && { reason }),
      ...(details && { details }),
      code,
    };
  }

  #shown(object: object): object {
    return this.#decision.omitManagedFields ? withoutManagedFields(object) : object;
  }
}

const inner = (object: object): string => JSON.stringify(object).slice(1, -1);

const lineOf = (head: object, objects: readonly string[], tail: object): string =>
  `${EVENT_HEAD}${[inner(head), ...objects, inner(tail)].join(',')}}\n`;

function userJson({ name, uid, groups, extra }: UserInfo): object {
  return { username: name, ...(uid && { uid }), ...(groups.length > 0 && { groups }), ...(extra && { extra }) };
}

/** The object, or each item of the list or table, without metadata.managedFields. */
function withoutManagedFields(object: object): object {
  const { metadata, items, rows } = object as { metadata?: { managedFields?: unknown }; items?: object[]; rows?: { object?: object }[] }; // Any API object.
  if (Array.isArray(items)) return { ...object, items: items.map(withoutManagedFields) };
  if (Array.isArray(rows))
    return { ...object, rows: rows.map((row) => ({ ...row, ...(row.object && { object: withoutManagedFields(row.object) }) })) };
  if (metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}
