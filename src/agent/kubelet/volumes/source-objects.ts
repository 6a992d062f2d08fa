// ConfigMaps and Secrets that volumes show: read when a volume is made, watched one by one while it is there. A node sees only
// the objects its pods use (the Node authorizer allows no more), so there is no informer over all of them.

import type { KubeObject } from '../../../api/object.ts';
import { isNotFound } from '../../../api/status-error.ts';
import type { ConfigMap, Secret } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import { TaskGroup } from '../../../base/component.ts';
import type { Logger } from '../../../base/log.ts';
import type { Reader, TypedResource } from '../../../client/client.ts';
import { Reflector } from '../../../client/reflector.ts';
import { CONFIG_MAPS, SECRETS } from '../../../client/resources.ts';
import { VolumeError } from './errors.ts';
import type { SourceObject } from './volume-plugin.ts';

/** Most watches of a node: a pod has few volumes with such content and a node at most a few hundred pods. Beyond, content is not refreshed. */
const MAX_WATCHES = 2_000;

/** How an object is read. */
export interface ReadOptions {
  /** A missing object is `undefined`, not an error. */
  readonly optional?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** Needs of SourceObjects. */
export interface SourceObjectsDeps {
  readonly client: Reader;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly log: Logger;
}

const keyOfSource = ({ kind, namespace, name }: SourceObject): string => `${kind}/${namespace}/${name}`;

interface Watched {
  readonly listeners: Set<() => void>;
  readonly abort: AbortController;
  /** Version of the newest state seen; '' = not there. */
  version: string;
}

/** Reads and watches single ConfigMaps and Secrets. */
export class SourceObjects {
  readonly #deps: SourceObjectsDeps;
  readonly #tasks: TaskGroup;
  readonly #watched = new Map<string, Watched>();

  constructor(deps: SourceObjectsDeps) {
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** @returns undefined when it is missing and `optional`. @throws VolumeError `volume-not-found`, StatusError */
  async configMap(namespace: string, name: string, want: ReadOptions): Promise<ConfigMap | undefined> {
    return this.#read(CONFIG_MAPS, 'configmap', { namespace, name }, want);
  }

  /** @returns undefined when it is missing and `optional`. @throws VolumeError `volume-not-found`, StatusError */
  async secret(namespace: string, name: string, want: ReadOptions): Promise<Secret | undefined> {
    return this.#read(SECRETS, 'secret', { namespace, name }, want);
  }

  async #read<T extends KubeObject>(
    resource: TypedResource<T>,
    what: string,
    name: { namespace: string; name: string },
    want: ReadOptions,
  ): Promise<T | undefined> {
    try {
      return await this.#deps.client.get(resource, name, { signal: want.signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (want.optional) return undefined;
      throw new VolumeError('volume-not-found', `${what} "${name.name}" not found`, { cause: error });
    }
  }

  /** Calls `listener` on each change from `source.version` on. Returns the function that ends that; with its last listener the watch ends. */
  watch(source: SourceObject, listener: () => void): () => void {
    const key = keyOfSource(source);
    const watched = this.#watched.get(key) ?? this.#start(key, source);
    watched?.listeners.add(listener);
    if (watched && watched.version !== source.version) queueMicrotask(listener);
    return () => {
      if (!watched?.listeners.delete(listener) || watched.listeners.size > 0) return;
      watched.abort.abort();
      this.#watched.delete(key);
    };
  }

  #start(key: string, source: SourceObject): Watched | undefined {
    if (this.#watched.size >= MAX_WATCHES) {
      this.#deps.log.warn('too many volume sources to watch', { limit: MAX_WATCHES, source: key });
      return undefined;
    }
    const watched: Watched = { listeners: new Set(), abort: new AbortController(), version: source.version };
    this.#watched.set(key, watched);
    const seen = (object: KubeObject | undefined): void => {
      const version = object?.metadata.resourceVersion ?? '';
      const changed = watched.version !== version;
      watched.version = version;
      if (changed) for (const listener of watched.listeners) listener();
    };
    const sink = { replace: (objects: Iterable<KubeObject>) => seen([...objects][0]), put: seen, remove: () => seen(undefined) };
    const selection = { namespace: source.namespace, fieldSelector: `metadata.name=${source.name}` };
    const resource: TypedResource<KubeObject> = source.kind === 'ConfigMap' ? CONFIG_MAPS : SECRETS;
    const reflector = new Reflector({ resource, selection }, { ...this.#deps, sink });
    this.#tasks.run(`watch ${source.kind}`, (signal) => reflector.run(AbortSignal.any([signal, watched.abort.signal])));
    return watched;
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    this.#watched.clear();
    await this.#tasks.stop();
  }
}
