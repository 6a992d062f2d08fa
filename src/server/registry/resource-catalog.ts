// Which resources are served right now: the built-in ones, and custom resources as they come and go.

import { builtinType } from '../../api/builtin-type.ts';
import { BUILTIN_RESOURCES, type GroupVersionResource, type ResourceInfo } from '../../api/resources.ts';
import { conversionOf } from './conversions.ts';
import { durabilityOf } from './durability-table.ts';
import { gvrKey, kindOf, type ServedResource, withForms } from './served-resource.ts';
import { storagePrefix } from './storage-prefix.ts';
import { strategyFlags } from './strategies/flag-table.ts';
import { strategyTable } from './strategies/strategy-table.ts';
import type { StrategyDeps } from './strategy.ts';

/** The served resources by name. */
export class ResourceCatalog {
  readonly #served = new Map<string, ServedResource>();
  readonly #listeners = new Set<() => void>();
  #generation = 0;

  constructor(deps: StrategyDeps) {
    const strategies = strategyTable(deps);
    for (const info of BUILTIN_RESOURCES) {
      this.#served.set(gvrKey(info), {
        info,
        type: builtinType(kindOf(info), info),
        strategy: strategies.get(info.group === '' ? info.resource : `${info.resource}.${info.group}`) ?? {},
        flags: strategyFlags(info),
        prefix: storagePrefix(info),
        durability: durabilityOf(info, ''),
        statusDurability: durabilityOf(info, 'status'),
        conversion: conversionOf(info),
      });
    }
    this.#linkForms();
  }

  /** What is stored in one place is one resource, whatever it is called: its versions know each other. */
  #linkForms(): void {
    for (const versions of Map.groupBy([...this.#served.values()], (served) => served.prefix).values()) {
      for (const served of withForms(versions)) this.#served.set(gvrKey(served.info), served);
    }
  }

  /** Counts changes, for caches of what is derived (discovery, OpenAPI). */
  get generation(): number {
    return this.#generation;
  }

  /** The resource of that name, or undefined. */
  find(gvr: GroupVersionResource): ServedResource | undefined {
    return this.#served.get(gvrKey(gvr));
  }

  /** All resources in the order of the table, custom ones last. */
  infos(): ResourceInfo[] {
    return [...this.#served.values()].map((served) => served.info);
  }

  /** All resources with their storage. */
  all(): Iterable<ServedResource> {
    return this.#served.values();
  }

  /** Stops serving some resources, whose objects stay in the store, and serves others: one change. */
  replace(removed: readonly GroupVersionResource[], added: readonly ServedResource[]): void {
    const gone = removed.filter((gvr) => this.#served.delete(gvrKey(gvr)));
    for (const served of added) this.#served.set(gvrKey(served.info), served);
    if (gone.length > 0 || added.length > 0) this.#changed();
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => this.#listeners.delete(listener) };
  }

  #changed(): void {
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }
}
