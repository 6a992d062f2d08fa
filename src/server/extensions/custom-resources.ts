// Custom resources as they come and go: each established CustomResourceDefinition's versions are served from the moment its condition is durable.

import type { OpenApiInput } from '../../api/openapi/document.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type DefinitionStore, definitionSource } from '../registry/definition-source.ts';
import type { ResourceCatalog } from '../registry/resource-catalog.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { customKindOf } from './custom-kind.ts';
import { type CustomServedDeps, customServed } from './custom-served.ts';

/** What is known of a definition: what its versions are served for, and by what it was made. */
interface Served {
  readonly definition: CustomResourceDefinition;
  /** Changes when anything that matters to serving does. */
  readonly fingerprint: string;
  readonly resources: readonly ServedResource[];
}

/** What serving custom resources needs. */
export interface CustomResourcesDeps extends CustomServedDeps {
  readonly catalog: Pick<ResourceCatalog, 'replace'>;
  readonly store: DefinitionStore;
  readonly log: Logger;
}

/** Keeps the catalog in step with the definitions. After `start` all that are established are served. */
export class CustomResources implements Component {
  readonly name = 'custom-resources';
  readonly #deps: CustomResourcesDeps;
  /** By name of the definition. */
  readonly #served = new Map<string, Served>();
  #watch: { close(): void } | undefined;

  constructor(deps: CustomResourcesDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const source = definitionSource(this.#deps.store);
    for (const definition of source.list()) this.#update(definition, false);
    this.#watch = source.watch((definition, removed) => this.#update(definition, removed));
  }

  async stop(): Promise<void> {
    this.#watch?.close();
  }

  /** The kind's schema for OpenAPI, when it is a custom one that is served. */
  readonly kind: NonNullable<OpenApiInput['customKind']> = ({ group, version, kind }) => {
    for (const { definition, resources } of this.#served.values()) {
      if (definition.spec.group !== group || definition.spec.names.kind !== kind) continue;
      if (resources.some(({ info }) => info.version === version)) return customKindOf(definition, version);
    }
    return undefined;
  };

  #update(definition: CustomResourceDefinition, removed: boolean): void {
    const { name = '' } = definition.metadata;
    const before = this.#served.get(name);
    const after = removed || !isEstablished(definition) ? undefined : this.#made(definition, before);
    if (after === before) return;
    if (after) this.#served.set(name, after);
    else this.#served.delete(name);
    this.#deps.catalog.replace(
      (before?.resources ?? []).map(({ info }) => info),
      after?.resources ?? [],
    );
  }

  #made(definition: CustomResourceDefinition, before: Served | undefined): Served | undefined {
    const { uid, generation, deletionTimestamp } = definition.metadata;
    const fingerprint = JSON.stringify([uid, generation, deletionTimestamp, definition.status?.acceptedNames]);
    if (before?.fingerprint === fingerprint) return before;
    try {
      return { definition, fingerprint, resources: customServed(definition, this.#deps) };
    } catch (error) {
      // A definition that was stored by a server with other rules: the others go on being served.
      this.#deps.log.error('custom resource not served', { name: definition.metadata.name, error: messageOf(error) });
      return undefined;
    }
  }
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
