// The client of parts that live in the API server's process: calls go to the request pipeline as values, nothing is
// serialized, and what comes back are the frozen objects of the store itself.

import type { KubeList, KubeObject, ObjectName } from '../api/object.ts';
import type { DeleteOptions } from '../api/types/meta-v1.gen.ts';
import type { ApiBackend, ApiCall, PatchMediaType, RequestOptions, UserInfo, Verb } from './api-backend.ts';
import type { Client, ListOptions, Patch, Selection, TypedResource, WatchEvent, WatchOptions, WriteOptions } from './client.ts';
import { deleteBody, listQuery, PATCH_MEDIA_TYPES, watchQuery, writeQuery } from './request-options.ts';

/** One call in the terms of a client. */
interface Request {
  readonly verb: Verb;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly options?: RequestOptions;
  readonly body?: unknown;
  readonly patchType?: PatchMediaType;
  readonly signal?: AbortSignal | undefined;
}

/** A client of `backend` that acts as `user`. */
export class LocalClient implements Client {
  readonly #backend: ApiBackend;
  readonly #user: UserInfo;
  readonly #userAgent: string;

  constructor(backend: ApiBackend, user: UserInfo, options: { readonly userAgent?: string } = {}) {
    this.#backend = backend;
    this.#user = user;
    this.#userAgent = options.userAgent ?? 'kts';
  }

  get<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName, options: { signal?: AbortSignal } = {}): Promise<T> {
    return this.#one(resource, { verb: 'get', ...name, signal: options.signal });
  }

  async list<T extends KubeObject>(resource: TypedResource<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, signal } = options;
    const list = await this.#run(resource, { verb: 'list', namespace, options: listQuery(options), signal });
    // The pipeline answers a list verb with a list of the resource's objects.
    return list as KubeList<T>;
  }

  async *watch<T extends KubeObject>(resource: TypedResource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    const { namespace, signal } = options;
    if (signal.aborted) return;
    const call = this.#call(resource, { verb: 'watch', namespace, options: watchQuery(options) });
    try {
      // The pipeline delivers the objects of the resource that was asked for.
      for await (const event of this.#backend.watch({ ...call, signal })) yield event as WatchEvent<T>;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  create<T extends KubeObject, R extends KubeObject = T>(
    resource: TypedResource<T>,
    object: R,
    options: WriteOptions & { name?: ObjectName } = {},
  ): Promise<R> {
    const namespace = options.name?.namespace ?? object.metadata.namespace;
    const name = options.name?.name;
    return this.#one(resource, { ...this.#write('create', options), namespace, name, body: object });
  }

  update<T extends KubeObject, R extends KubeObject = T>(resource: TypedResource<T>, object: R, options: WriteOptions = {}): Promise<R> {
    const { namespace, name } = object.metadata;
    return this.#one(resource, { ...this.#write('update', options), namespace, name, body: object });
  }

  patch<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName, patch: Patch, options: WriteOptions = {}): Promise<T> {
    const patchType = PATCH_MEDIA_TYPES[patch.type];
    return this.#one(resource, { ...this.#write('patch', options), ...name, body: patch.body, patchType });
  }

  async delete<T extends KubeObject>(
    resource: TypedResource<T>,
    name: ObjectName,
    options: DeleteOptions & { signal?: AbortSignal } = {},
  ): Promise<void> {
    await this.#run(resource, { verb: 'delete', ...name, body: deleteBody(options), signal: options.signal });
  }

  async deleteCollection<T extends KubeObject>(
    resource: TypedResource<T>,
    selection: Selection,
    options: DeleteOptions & { signal?: AbortSignal } = {},
  ): Promise<void> {
    const request = { namespace: selection.namespace, options: listQuery(selection), body: deleteBody(options), signal: options.signal };
    await this.#run(resource, { verb: 'deletecollection', ...request });
  }

  #write(verb: Verb, options: WriteOptions): Request {
    return { verb, subresource: options.subresource, options: writeQuery(options), signal: options.signal };
  }

  async #one<R extends KubeObject>(resource: TypedResource<KubeObject>, request: Request): Promise<R> {
    // The pipeline answers with the object the resource and sub-resource exchange, which is what R names.
    return (await this.#run(resource, request)) as R;
  }

  async #run(resource: TypedResource<KubeObject>, request: Request): Promise<KubeObject | KubeList> {
    request.signal?.throwIfAborted();
    return await this.#backend.call(this.#call(resource, request));
  }

  #call(resource: TypedResource<KubeObject>, request: Request): ApiCall {
    return {
      verb: request.verb,
      resource: { group: resource.group, version: resource.version, resource: resource.resource },
      subresource: request.subresource ?? '',
      namespace: resource.namespaced ? (request.namespace ?? '') : '',
      name: request.name ?? '',
      user: this.#user,
      options: request.options ?? {},
      userAgent: this.#userAgent,
      ...(request.body !== undefined && { body: request.body }),
      ...(request.patchType && { patchType: request.patchType }),
      ...(request.signal && { signal: request.signal }),
    };
  }
}
