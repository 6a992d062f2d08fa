// The request pipeline: every read and write of the API, in process or over HTTP, comes through here once authorized.
// Handlers are per verb and generic over the resource; what is special stands in strategies/ and subresources/.

import type { KubeList, KubeObject } from '../../api/object.ts';
import { type GroupVersionKind, groupResourceString, groupVersionString } from '../../api/resources.ts';
import { notFound, StatusError } from '../../api/status-error.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiBackend, ApiCall } from '../../client/api-backend.ts';
import type { WatchEvent } from '../../client/client.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { Store } from '../store/store.ts';
import { AdmissionRun } from './admission-run.ts';
import { BoundedEvents } from './bounded-events.ts';
import { answer, type CallResult, deletedStatus, listMeta, resourceNotFound, shown, written } from './call-result.ts';
import { checkDeleteOptions } from './delete-options.ts';
import { checkManagerOptions } from './field-manager-name.ts';
import { mappedPlan } from './mapped-plan.ts';
import { type DeletionResult, ObjectDeleter } from './object-deleter.ts';
import { type ListPage, loadScope, readObject, readPage } from './object-reader.ts';
import { ObjectWatch, type WatchSink } from './object-watch.ts';
import { isDryRun, ObjectWriter } from './object-writer.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { bodyType, keyFor, type ServedResource } from './served-resource.ts';
import { draftOf, fromStored, loadStored, objectOf } from './stored-form.ts';
import type { ActionEnv, Subresource } from './subresource.ts';
import { mainPlan, statusView, viewPlan } from './update-plans.ts';
import type { Validator } from './validation.ts';
import type { VirtualResource } from './virtual-resource.ts';

/** What the pipeline needs of the server. */
export interface PipelineDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly catalog: ResourceCatalog;
  readonly admission: readonly AdmissionPlugin[];
  readonly validator: Validator;
  /** Sub-resources by `resource.group/name`, e.g. `pods/binding`. */
  readonly subresources: ReadonlyMap<string, Subresource>;
  /** Resources that are not stored, by `resource.group`. */
  readonly virtual: ReadonlyMap<string, VirtualResource>;
}

/** The pipeline. Without state of its own beside its parts. */
export class Pipeline implements ApiBackend {
  readonly #deps: PipelineDeps;
  readonly #writer: ObjectWriter;
  readonly #deleter: ObjectDeleter;
  /** For what an action does to objects: the action itself was admitted. */
  readonly #inner: { readonly writer: ObjectWriter; readonly deleter: ObjectDeleter };

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    this.#writer = new ObjectWriter(deps);
    this.#deleter = new ObjectDeleter(deps);
    const unadmitted = { ...deps, admission: [] };
    this.#inner = { writer: new ObjectWriter(unadmitted), deleter: new ObjectDeleter(unadmitted) };
  }

  async call(call: ApiCall): Promise<KubeObject | KubeList> {
    call.signal?.throwIfAborted();
    const result = await this.execute(this.#canonical(call));
    if (result.type === 'object') return result.object;
    const objects =
      result.type === 'page' ? result.page.entries.map((entry) => fromStored(result.served, entry.object)) : [...result.objects];
    const page = result.type === 'page' ? result.page : undefined;
    return {
      kind: result.served.info.listKind,
      apiVersion: groupVersionString(result.served.info),
      metadata: listMeta(page, this.#deps.store.revision),
      items: objects,
    };
  }

  /** In-process callers may leave out what the codec would have filled in, and keep what they pass: their body is read as one from outside. */
  #canonical(call: ApiCall): ApiCall {
    if (call.body === undefined || (call.verb !== 'create' && call.verb !== 'update')) return call;
    const type = bodyType(this.#served(call), call.subresource);
    return { ...call, body: type.decode(call.body, { validation: 'Ignore' }).object };
  }

  async *watch(call: ApiCall & { readonly signal: AbortSignal }): AsyncGenerator<WatchEvent<KubeObject>> {
    const events = new BoundedEvents(() => watch.close());
    const watch = this.openWatch(call, events);
    try {
      await watch.load();
      watch.start(call);
      events.bound();
      yield* events.read(call.signal);
    } finally {
      watch.close();
    }
  }

  /** A watch that is not started yet. @throws StatusError */
  openWatch(call: ApiCall, sink: WatchSink): ObjectWatch {
    const served = this.#served(call);
    const watch = new ObjectWatch(this.#deps, served, { call, sink });
    // A custom resource may cease to be served, or be served by another schema: its watchers come back and see.
    if (served.info.storedVersion !== undefined) watch.whileServed(this.#deps.catalog);
    return watch;
  }

  /** The resource a call is about. @throws StatusError NotFound */
  #served(call: ApiCall): ServedResource {
    const served = this.#deps.catalog.find(call.resource);
    if (!served) throw resourceNotFound();
    return served;
  }

  /** Runs any verb but watch. The body is one the codec has read, and now belongs to this call. @throws StatusError */
  async execute(call: ApiCall): Promise<CallResult> {
    const served = this.#served(call);
    if (call.verb === 'create' || call.verb === 'update' || call.verb === 'patch') checkManagerOptions(call);
    const virtual = this.#deps.virtual.get(groupResourceString(served.info));
    if (virtual) return await this.#virtual(served, virtual, call);
    if (call.subresource !== '') return await this.#subresource(served, call);
    switch (call.verb) {
      case 'get':
        return await shown(served, readObject(this.#deps.store, served, call));
      case 'list':
        return { type: 'page', served, page: await this.#page(served, call) };
      case 'create':
        return written(await this.#writer.create(served, call, objectOf(call.body)));
      case 'update':
      case 'patch':
        return written(await this.#writer.update(served, call, mainPlan(served, call)));
      case 'delete':
        return await this.#delete(served, call);
      case 'deletecollection':
        return await this.#deleteCollection(served, call);
      default:
        throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    }
  }

  /** A page whose objects are ready to be shown. */
  async #page(served: ServedResource, call: ApiCall): Promise<ListPage> {
    const { store } = this.#deps;
    if (served.conversion?.load) await loadScope(store, served, call);
    const page = readPage(store, served, call);
    if (served.conversion?.load)
      await loadStored(
        served,
        page.entries.map((entry) => entry.object),
      );
    return page;
  }

  async #delete(served: ServedResource, call: ApiCall): Promise<CallResult> {
    const options = deleteOptions(call.body);
    const result = await this.#deleter.delete(served, call, options);
    if (result.removed && !served.flags.returnsDeleted) return answer(deletedStatus(served, result.object));
    const code = !result.removed && options.orphanDependents === false ? 202 : 200;
    return { type: 'object', object: result.object, bytes: undefined, code };
  }

  async #deleteCollection(served: ServedResource, call: ApiCall): Promise<CallResult> {
    const options = deleteOptions(call.body);
    checkDeleteOptions(options);
    const page = await this.#page(served, call);
    const objects = page.entries.map((entry) => entry.object);
    return {
      type: 'objects',
      served,
      objects: await this.#deleter.deleteAll(served, call, { objects, options }),
    };
  }

  async #virtual(served: ServedResource, virtual: VirtualResource, call: ApiCall): Promise<CallResult> {
    if (call.verb === 'create' && virtual.create) {
      const body = await this.#admitted(served, call, draftOf(call.body));
      return answer(await virtual.create(body, call, this.#env()), 201);
    }
    if (call.verb === 'get' && virtual.list) {
      const found = virtual.list().find((object) => object.metadata.name === call.name);
      if (!found) throw notFound(served.info, call.name);
      return answer(found);
    }
    if (call.verb === 'list' && virtual.list) return { type: 'objects', served, objects: virtual.list() };
    throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }

  async #subresource(served: ServedResource, call: ApiCall): Promise<CallResult> {
    const sub =
      this.#deps.subresources.get(`${groupResourceString(served.info)}/${call.subresource}`) ??
      served.subresources?.get(call.subresource) ??
      statusView(served, call.subresource);
    if (!sub) throw resourceNotFound();
    if (sub.type === 'action') return await this.#action(served, sub, call);
    if (call.verb === 'get') {
      const entry = readObject(this.#deps.store, served, call);
      if (sub.type === 'object') return await shown(served, entry);
      await loadStored(served, [entry.object]);
      return answer(sub.read(fromStored(served, entry.object)));
    }
    if (call.verb !== 'update' && call.verb !== 'patch') {
      throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    }
    if (sub.type === 'mapped') {
      const { object } = await this.#writer.update(served, call, mappedPlan(served, call, sub));
      return answer(sub.read(object));
    }
    return written(await this.#writer.update(served, call, viewPlan(served, call, sub)));
  }

  async #action(served: ServedResource, action: Extract<Subresource, { type: 'action' }>, call: ApiCall): Promise<CallResult> {
    if (call.verb !== 'create')
      throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    const parent = this.#deps.store.head<KubeObject>(keyFor(served, call.namespace, call.name));
    if (!parent) throw notFound(served.info, call.name);
    const body = await this.#admitted(served, call, draftOf(call.body));
    return answer(await action.run(this.#env(), { call, served, parent, body }), 201);
  }

  /** The body of a create that stores no object of its own, after admission. @throws StatusError */
  async #admitted(served: ServedResource, call: ApiCall, body: KubeObject): Promise<KubeObject> {
    const type = bodyType(served, call.subresource);
    const { kind, ...group } = type.kind;
    const object: KubeObject = { ...body, kind, apiVersion: groupVersionString(group), metadata: body.metadata ?? {} };
    type.applyDefaults(object);
    const { name = '' } = object.metadata;
    const run = new AdmissionRun(this.#deps, call, {
      operation: 'CREATE',
      served,
      kind: type.kind,
      object,
      oldObject: undefined,
      namespace: call.namespace,
      name: call.name || name,
      dryRun: isDryRun(call),
    });
    const admitted = (await run.admit()) ?? object;
    await run.validate(admitted);
    return admitted;
  }

  /** Admits a connection; `options` is what its query says, in the kind of the sub-resource. Returns what admission has made of it. @throws StatusError */
  async connect(call: ApiCall, options: KubeObject, kind: GroupVersionKind): Promise<KubeObject> {
    const admitted = { kind, object: options, oldObject: undefined, namespace: call.namespace, name: call.name, dryRun: false };
    const run = new AdmissionRun(this.#deps, call, { operation: 'CONNECT', served: this.#served(call), ...admitted });
    const object = (await run.admit()) ?? options;
    await run.validate(object);
    return object;
  }

  #env(): ActionEnv {
    const { store, clock, catalog } = this.#deps;
    return {
      store,
      nowMs: clock.now(),
      served: (group, version, resource) => {
        const served = catalog.find({ group, version, resource });
        if (!served) throw resourceNotFound();
        return served;
      },
      update: (served, call, plan) => this.#inner.writer.update(served, call, plan),
      delete: (served, call, options): Promise<DeletionResult> => this.#inner.deleter.delete(served, call, options),
    };
  }
}

function deleteOptions(body: unknown): DeleteOptions {
  // The codec has decoded it as DeleteOptions; in-process callers are typed.
  return (body ?? {}) as DeleteOptions;
}
