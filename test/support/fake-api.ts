// An API server in memory for tests of controllers and clients: the request pipeline without admission, validation and
// defaults. Real are: versions and conflicts, watches, generateName, generation, status writes, merge and JSON patches,
// finalizers, graceful deletion of pods, namespace finalization, binding and eviction of pods.

import type { KubeList, KubeObject } from '../../src/api/object.ts';
import { builtinResource, groupVersionString, type ResourceInfo } from '../../src/api/resources.ts';
import { alreadyExists, badRequest, conflict, expired, forbidden, MODIFIED, notFound } from '../../src/api/status-error.ts';
import type { DeleteOptions } from '../../src/api/types/meta-v1.gen.ts';
import { type Clock, rfc3339 } from '../../src/base/clock.ts';
import type { ApiBackend, ApiCall } from '../../src/client/api-backend.ts';
import type { WatchEvent } from '../../src/client/client.ts';
import {
  fieldsMatch,
  frozenCopy,
  type Json,
  jsonPatch,
  labelsMatch,
  mergePatch,
  namespaceStays,
  prepareDelete,
  prepareUpdate,
} from './fake-api-rules.ts';

/** One write, kept for watches. */
interface Write {
  readonly version: number;
  readonly resource: string;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/** The backend. `before`, when set, sees each call first and may throw a StatusError to make it fail. */
export class FakeApi implements ApiBackend {
  /** Verbs and objects of all writes so far, e.g. `create pods default/web`, `patch nodes/status n1`. */
  readonly writes: string[] = [];
  before: ((call: ApiCall) => void) | undefined;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #objects = new Map<string, KubeObject>();
  #log: Write[] = [];
  #version = 100;
  #oldest = 0;
  #names = 0;
  readonly #wakers = new Set<() => void>();

  constructor(clock: Pick<Clock, 'now'> = { now: () => Date.UTC(2026, 0, 1) }) {
    this.#clock = clock;
  }

  /** Forgets the history: watches from an older version get 410. */
  compact(): void {
    this.#oldest = this.#version;
    this.#log = [];
  }

  async call(call: ApiCall): Promise<KubeObject | KubeList> {
    this.before?.(call);
    if (call.verb === 'list') return this.#list(call);
    if (call.verb === 'get') return this.#existing(call);
    const sub = call.subresource === '' ? '' : `/${call.subresource}`;
    const name =
      call.name || (call.body as KubeObject | undefined)?.metadata?.name || (call.body as KubeObject)?.metadata?.generateName || '';
    this.writes.push(`${call.verb} ${call.resource.resource}${sub} ${[call.namespace, name].filter((s) => s).join('/')}`);
    if (call.verb === 'create') return this.#create(call);
    if (call.verb === 'delete') return this.#delete(call);
    if (call.verb === 'deletecollection') return this.#deleteAll(call);
    return this.#change(call);
  }

  async *watch(call: ApiCall & { readonly signal: AbortSignal }): AsyncIterable<WatchEvent<KubeObject>> {
    this.before?.(call);
    const { resourceVersion, sendInitialEvents } = call.options;
    let version = Number(resourceVersion ?? 0);
    if (version === 0 || sendInitialEvents) {
      version = this.#version;
      for (const object of this.#select(call)) yield { type: 'ADDED', object };
      if (sendInitialEvents) yield bookmark(call, { version, annotations: { 'k8s.io/initial-events-end': 'true' } });
    }
    while (!call.signal.aborted) {
      if (version < this.#oldest) throw expired(`too old resource version: ${version} (${this.#oldest})`);
      const write = this.#log.find((w) => w.version > version);
      if (!write) {
        await this.#nextWrite(call.signal);
        continue;
      }
      version = write.version;
      const event = this.#eventOf(call, write);
      if (event) yield event;
    }
  }

  #eventOf(call: ApiCall, write: Write): WatchEvent<KubeObject> | undefined {
    if (write.resource !== resourceKey(call)) return undefined;
    const was = write.old !== undefined && selects(call, write.old);
    const is = write.object !== undefined && selects(call, write.object);
    if (is && write.object) return { type: was ? 'MODIFIED' : 'ADDED', object: write.object };
    if (!was || !write.old) return undefined;
    const last = write.object ?? write.old;
    return { type: 'DELETED', object: frozenCopy({ ...last, metadata: { ...last.metadata, resourceVersion: String(write.version) } }) };
  }

  #nextWrite(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #list(call: ApiCall): KubeList {
    const all = this.#select(call);
    const from = Number(call.options.continue ?? 0);
    const end = from + (call.options.limit ?? all.length);
    const rest = all.length - end;
    const more = rest > 0 ? { continue: String(end), remainingItemCount: rest } : {};
    const info = infoOf(call);
    const metadata = { resourceVersion: String(this.#version), ...more };
    return { apiVersion: groupVersionString(info), kind: info.listKind, metadata, items: all.slice(from, end) };
  }

  #select(call: ApiCall): KubeObject[] {
    fieldsMatch(call.options.fieldSelector ?? '', { metadata: {} });
    const prefix = `${resourceKey(call)} `;
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.flatMap((key) => this.#objects.get(key) ?? []).filter((object) => selects(call, object));
  }

  #existing(call: ApiCall): KubeObject {
    const object = this.#objects.get(objectKey(call, call.name));
    if (!object) throw notFound(call.resource, call.name);
    return object;
  }

  #create(call: ApiCall): KubeObject {
    if (call.subresource === 'binding') return this.#bind(call);
    if (call.subresource === 'eviction') return this.#delete({ ...call, body: (call.body as Json)['deleteOptions'] ?? {} });
    if (call.subresource !== '') throw badRequest(`the fake has no ${call.subresource}`);
    const info = infoOf(call);
    const asked = structuredClone(call.body) as Json & KubeObject;
    if (asked.metadata.generateName && !asked.metadata.name) asked.metadata.name = `${asked.metadata.generateName}${this.#suffix()}`;
    const name = asked.metadata.name ?? '';
    if (name === '') throw badRequest('name or generateName is required');
    this.#refuseInTerminatingNamespace(call, name);
    if (this.#objects.has(objectKey(call, name))) throw alreadyExists(call.resource, name);
    const metadata = {
      ...asked.metadata,
      uid: asked.metadata.uid ?? `uid-${++this.#names}`,
      creationTimestamp: rfc3339(this.#clock.now()),
      ...(info.namespaced && { namespace: call.namespace }),
      ...(info.generation.length > 0 && { generation: 1 }),
    };
    const spec = info.kind === 'Namespace' ? { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } : {};
    return this.#write(call, { apiVersion: groupVersionString(info), kind: info.kind, ...asked, ...spec, metadata } as KubeObject);
  }

  #refuseInTerminatingNamespace(call: ApiCall, name: string): void {
    const namespace = this.#objects.get(`/namespaces /${call.namespace}`);
    if (!namespace?.metadata.deletionTimestamp) return;
    const error = forbidden(
      call.resource,
      name,
      `unable to create new content in namespace ${call.namespace} because it is being terminated`,
    );
    Object.assign(error.status.details ?? {}, { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] });
    throw error;
  }

  #suffix(): string {
    return (++this.#names).toString(36).padStart(5, '0');
  }

  #bind(call: ApiCall): KubeObject {
    const pod = structuredClone(this.#existing(call)) as KubeObject & { spec: { nodeName?: string } };
    if (pod.spec.nodeName) throw conflict(call.resource, call.name, `pod ${call.name} is already assigned to node "${pod.spec.nodeName}"`);
    pod.spec.nodeName = (call.body as { target: { name: string } }).target.name;
    this.#write(call, pod);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } as KubeObject;
  }

  #change(call: ApiCall): KubeObject {
    const old = this.#existing(call);
    const wanted = (call.verb === 'patch' ? patched(call, old) : call.body) as KubeObject;
    const version = wanted.metadata.resourceVersion;
    if (version && version !== old.metadata.resourceVersion) throw conflict(call.resource, call.name, MODIFIED);
    if (wanted.metadata.uid && wanted.metadata.uid !== old.metadata.uid) throw conflict(call.resource, call.name, 'uid mismatch');
    const next = prepareUpdate(infoOf(call), call.subresource, { old, wanted });
    if (JSON.stringify(next) === JSON.stringify(old)) return old;
    const finished = next.metadata.deletionTimestamp && !next.metadata.finalizers?.length && !next.metadata.deletionGracePeriodSeconds;
    if (finished && !namespaceStays(infoOf(call), next as unknown as Json)) return this.#remove(call, next);
    return this.#write(call, next);
  }

  #delete(call: ApiCall): KubeObject {
    const old = this.#existing(call);
    const options = (call.body ?? {}) as DeleteOptions;
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid && uid !== old.metadata.uid) throw conflict(call.resource, call.name, `uid ${uid} expected`);
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw conflict(call.resource, call.name, MODIFIED);
    const marked = prepareDelete(infoOf(call), old, { options, now: rfc3339(this.#clock.now()) });
    if (!marked) return this.#remove(call, old);
    if (JSON.stringify(marked) === JSON.stringify(old)) return old;
    return this.#write(call, marked as unknown as KubeObject);
  }

  #deleteAll(call: ApiCall): KubeList {
    const list = this.#list(call);
    for (const { metadata } of list.items) this.#delete({ ...call, namespace: metadata.namespace ?? '', name: metadata.name ?? '' });
    return list;
  }

  #write(call: ApiCall, object: KubeObject): KubeObject {
    if (call.options.dryRun?.length) return frozenCopy(object);
    const key = objectKey(call, object.metadata.name ?? '');
    const version = ++this.#version;
    const stored = frozenCopy({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
    this.#note({ version, resource: resourceKey(call), object: stored, old: this.#objects.get(key) });
    this.#objects.set(key, stored);
    return stored;
  }

  #remove(call: ApiCall, last: KubeObject): KubeObject {
    if (call.options.dryRun?.length) return last;
    this.#objects.delete(objectKey(call, last.metadata.name ?? ''));
    this.#note({ version: ++this.#version, resource: resourceKey(call), object: undefined, old: frozenCopy(last) });
    return last;
  }

  #note(write: Write): void {
    this.#log.push(write);
    for (const wake of [...this.#wakers]) wake();
  }
}

const infoOf = ({ resource }: ApiCall): ResourceInfo => builtinResource(resource.group, resource.version, resource.resource);
const resourceKey = ({ resource }: ApiCall): string => `${resource.group}/${resource.resource}`;
const objectKey = (call: ApiCall, name: string): string => `${resourceKey(call)} ${call.namespace}/${name}`;

function selects(call: ApiCall, object: KubeObject): boolean {
  const { labelSelector, fieldSelector } = call.options;
  if (call.namespace !== '' && object.metadata.namespace !== call.namespace) return false;
  if (labelSelector && !labelsMatch(labelSelector, object.metadata.labels)) return false;
  return !fieldSelector || fieldsMatch(fieldSelector, object);
}

function patched(call: ApiCall, old: KubeObject): unknown {
  if (call.patchType === 'application/json-patch+json') return jsonPatch(old, call.body as Json[]);
  if (call.patchType === 'application/merge-patch+json') return mergePatch(old, call.body);
  throw badRequest(`the fake does not know ${call.patchType}`);
}

function bookmark(call: ApiCall, options: { version: number; annotations: Record<string, string> }): WatchEvent<KubeObject> {
  const { kind, ...gv } = infoOf(call);
  const metadata = { resourceVersion: String(options.version), annotations: options.annotations };
  return { type: 'BOOKMARK', object: { kind, apiVersion: groupVersionString(gv), metadata } };
}
