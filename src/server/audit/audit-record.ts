// The record of one request in the audit log: what is learned of it on its way, written as one audit.k8s.io/v1 Event at each stage.
// https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/

import type { Status } from '../../api/types/meta-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';
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
  /** Takes one line, with its end. */
  readonly write: (line: string) => void;
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

  /** The request has arrived and its user is known. */
  receive(): void {
    this.#emit('RequestReceived');
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

  /** The answer is complete, or the client is gone. */
  complete(code: number): void {
    if (!this.#ended) this.start(code);
    this.#end('ResponseComplete', code);
  }

  #end(stage: AuditStage, code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#emit(stage, code);
  }

  #emit(stage: AuditStage, code?: number): void {
    if (!this.#decision.omitStages.includes(stage)) this.#deps.write(this.#line(stage, code));
  }

  #line(stage: AuditStage, code: number | undefined): string {
    const { auditId, requestUri, verb, user, sourceIps, userAgent } = this.#request;
    const head = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
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
    const objects = [
      ...(this.#requestJson === undefined ? [] : [`"requestObject":${this.#requestJson}`]),
      ...(this.#responseJson === undefined ? [] : [`"responseObject":${this.#responseJson}`]),
    ];
    return `{${[inner(head), ...objects, inner(tail)].join(',')}}\n`;
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
