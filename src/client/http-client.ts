// The client of parts that are not in the API server's process (the node agent, command line): JSON over HTTP/2 and TLS.

import { deepFreeze } from '../api/copy.ts';
import type { KubeList, KubeObject, ObjectName } from '../api/object.ts';
import { groupVersionString } from '../api/resources.ts';
import { StatusError } from '../api/status-error.ts';
import type { DeleteOptions, Status } from '../api/types/meta-v1.gen.ts';
import type { Clock } from '../base/clock.ts';
import type { RequestOptions } from './api-backend.ts';
import type { Client, ListOptions, Patch, Selection, TypedResource, WatchEvent, WatchOptions, WriteOptions } from './client.ts';
import { Http2Transport, type TlsMaterial, type TransportRequest, type TransportResponse } from './http2-transport.ts';
import { lines } from './json-lines.ts';
import { deleteBody, listQuery, PATCH_MEDIA_TYPES, watchQuery, writeQuery } from './request-options.ts';

/** Largest answer that is not a watch: a page of a list of very many objects. */
const MAX_BODY_BYTES = 256 << 20;

/** Options of a client. */
export interface HttpClientOptions {
  /** `https://host:port` */
  readonly server: string;
  /** CA to trust and client certificate; asked at each new connection. */
  readonly tls?: () => TlsMaterial;
  /** Bearer token; asked at each request, so that it can be renewed behind. */
  readonly token?: () => string | Promise<string>;
  /** Default `kts`. */
  readonly userAgent?: string;
}

/** How requests get to the server. Implemented by client/http2-transport.ts. */
export interface Transport {
  request(request: TransportRequest): Promise<TransportResponse>;
  /** New connections for later requests. */
  renew(): void;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** One request in the terms of a client. */
interface Request {
  readonly method: string;
  readonly resource: TypedResource<KubeObject>;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query?: RequestOptions & { readonly watch?: boolean };
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A client of the API server at `server`. `close` ends its connections. */
export class HttpClient implements Client {
  readonly #options: HttpClientOptions;
  readonly #transport: Transport;

  /** `transport`: another way than HTTP/2 to the address in the options. */
  constructor(options: HttpClientOptions, deps: { readonly clock: Pick<Clock, 'after'>; readonly transport?: Transport }) {
    this.#options = options;
    this.#transport = deps.transport ?? new Http2Transport(options, deps);
  }

  get<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName, options: { signal?: AbortSignal } = {}): Promise<T> {
    return this.#one({ method: 'GET', resource, ...name, signal: options.signal });
  }

  async list<T extends KubeObject>(resource: TypedResource<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, signal } = options;
    const list = (await this.#json({ method: 'GET', resource, namespace, query: listQuery(options), signal })) as KubeList<T>;
    const apiVersion = groupVersionString(resource);
    // Items of a list do not say their kind; the list's resource does.
    for (const item of list.items) Object.assign(item, { apiVersion: item.apiVersion ?? apiVersion, kind: item.kind ?? resource.kind });
    return deepFreeze(list);
  }

  async *watch<T extends KubeObject>(resource: TypedResource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    const { namespace, signal } = options;
    if (signal.aborted) return;
    // Leaving the iteration early ends the request, too.
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    const query = { ...watchQuery(options), watch: true };
    try {
      const response = await this.#send({ method: 'GET', resource, namespace, query, signal: either });
      for await (const line of lines(response.body)) yield watchEvent<T>(line);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      left.abort();
    }
  }

  create<T extends KubeObject, R extends KubeObject = T>(
    resource: TypedResource<T>,
    object: R,
    options: WriteOptions & { name?: ObjectName } = {},
  ): Promise<R> {
    const namespace = options.name?.namespace ?? object.metadata.namespace;
    const body = identified(resource, object, options);
    return this.#one({ method: 'POST', resource, namespace, name: options.name?.name, ...written(options), body });
  }

  update<T extends KubeObject, R extends KubeObject = T>(resource: TypedResource<T>, object: R, options: WriteOptions = {}): Promise<R> {
    const { namespace, name } = object.metadata;
    return this.#one({ method: 'PUT', resource, namespace, name, ...written(options), body: identified(resource, object, options) });
  }

  patch<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName, patch: Patch, options: WriteOptions = {}): Promise<T> {
    const contentType = PATCH_MEDIA_TYPES[patch.type];
    return this.#one({ method: 'PATCH', resource, ...name, ...written(options), body: patch.body, contentType });
  }

  async delete<T extends KubeObject>(
    resource: TypedResource<T>,
    name: ObjectName,
    options: DeleteOptions & { signal?: AbortSignal } = {},
  ): Promise<void> {
    await this.#json({ method: 'DELETE', resource, ...name, body: deleteBody(options), signal: options.signal });
  }

  async deleteCollection<T extends KubeObject>(
    resource: TypedResource<T>,
    selection: Selection,
    options: DeleteOptions & { signal?: AbortSignal } = {},
  ): Promise<void> {
    const { namespace } = selection;
    await this.#json({
      method: 'DELETE',
      resource,
      namespace,
      query: listQuery(selection),
      body: deleteBody(options),
      signal: options.signal,
    });
  }

  /** New connections for later requests: call after the client certificate changed. */
  renew(): void {
    this.#transport.renew();
  }

  /** Ends all connections; running requests fail as ServiceUnavailable. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #one<R extends KubeObject>(request: Request): Promise<R> {
    // The server answers with the object the resource and sub-resource exchange, which is what R names.
    return deepFreeze(await this.#json(request)) as R;
  }

  async #json(request: Request): Promise<unknown> {
    const response = await this.#send(request);
    return parse(await textOf(response));
  }

  async #send(request: Request): Promise<TransportResponse> {
    const token = await this.#options.token?.();
    const headers = {
      accept: 'application/json',
      'user-agent': this.#options.userAgent ?? 'kts',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
    };
    const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
    const { method, signal } = request;
    const response = await this.#transport.request({ method, path: requestPath(request), headers, signal, ...body });
    if (response.status >= 200 && response.status < 300) return response;
    throw statusError(response.status, await textOf(response));
  }
}

/** Requests carry the kind and version of their object, which values in kts need not. */
function identified(resource: TypedResource<KubeObject>, object: KubeObject, options: WriteOptions): KubeObject {
  const other = options.subresource !== undefined && options.subresource !== 'status';
  if (object.kind !== undefined || other) return object;
  return { ...object, apiVersion: groupVersionString(resource), kind: resource.kind };
}

function written(options: WriteOptions): Pick<Request, 'subresource' | 'query' | 'signal'> {
  return { subresource: options.subresource, query: writeQuery(options), signal: options.signal };
}

/** Path and query of a request: Kubernetes documentation, "API Concepts", resource URIs. */
function requestPath({ resource, namespace, name, subresource, query }: Request): string {
  const root = resource.group === '' ? ['api'] : ['apis', resource.group];
  const scope = resource.namespaced && namespace ? ['namespaces', namespace] : [];
  const tail = [resource.resource, name, subresource].filter((part) => part !== undefined && part !== '');
  const parts = [...root, resource.version, ...scope, ...tail].map((part) => encodeURIComponent(part ?? ''));
  const text = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) text.append(key, String(one));
  }
  return `/${parts.join('/')}${text.size > 0 ? `?${text}` : ''}`;
}

async function textOf(response: TransportResponse): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new StatusError(500, 'InternalError', `answer exceeds ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const error = new StatusError(500, 'InternalError', 'the server did not answer with JSON');
    error.cause = cause;
    throw error;
  }
}

function watchEvent<T extends KubeObject>(line: string): WatchEvent<T> {
  const { type, object } = parse(line) as { type: string; object: T & Status };
  if (type === 'ERROR') throw StatusError.from(object);
  // The server promises the four types of the contract beside ERROR.
  return { type: type as WatchEvent<T>['type'], object: deepFreeze(object) };
}

/** The failure an answer stands for: its Status, or one made of the code where something else than an API server answered. */
function statusError(code: number, text: string): StatusError {
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return StatusError.from({ code, ...status });
  } catch {
    // Not JSON: a proxy or load balancer answered.
  }
  const reason = REASONS[code] ?? (code >= 500 ? 'InternalError' : 'Unknown');
  return new StatusError(code, reason, `the server answered ${code}: ${text.slice(0, 200).trim()}`);
}

/** Reasons of codes that proxies and unusual servers answer without a Status. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  502: 'ServiceUnavailable',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};
