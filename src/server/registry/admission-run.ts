// One request's way through the admission plugins: all that change, once more if one of them wants it, then all that refuse.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import type { AdmissionPlugin, AdmissionRequest, Operation, Settle } from '../admission/admission.ts';
import { objectForms } from './object-forms.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import type { ServedResource } from './served-resource.ts';

/** What admission needs of the server. */
export interface AdmissionRunDeps {
  /** The plugins, in order. */
  readonly admission: readonly AdmissionPlugin[];
  readonly catalog: Pick<ResourceCatalog, 'all'>;
}

/** What is admitted. */
export interface Admitted {
  readonly operation: Operation;
  readonly served: ServedResource;
  readonly kind: GroupVersionKind;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** Of a DELETE. */
  readonly deleteOptions?: DeleteOptions;
}

/** The request as the run changes it. */
type Draft = { -readonly [Key in keyof AdmissionRequest]: AdmissionRequest[Key] };

/** The admission of one attempt at a write. */
export class AdmissionRun {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #request: Draft;
  #again = false;

  constructor(deps: AdmissionRunDeps, call: ApiCall, admitted: Admitted) {
    const { served, ...what } = admitted;
    this.#plugins = deps.admission;
    this.#request = {
      ...what,
      resource: call.resource,
      subresource: call.subresource,
      user: call.user,
      options: call.options,
      warn: call.warn ?? (() => {}),
      annotate: call.annotate ?? (() => {}),
      forms: objectForms(deps.catalog, served, call.subresource),
      round: 0,
      runAgain: () => {
        this.#again = true;
      },
      signal: call.signal,
    };
  }

  /** Runs the plugins that change the object, in order; returns the object, which may be another one. @throws StatusError */
  async admit(): Promise<KubeObject | undefined> {
    await this.#mutate();
    if (this.#again) {
      this.#request.round = 1;
      await this.#mutate();
    }
    return this.#request.object;
  }

  async #mutate(): Promise<void> {
    for (const plugin of this.#plugins) if (plugin.admit) await plugin.admit(this.#request);
  }

  /** Runs the plugins that refuse. @throws StatusError */
  async validate(object: KubeObject | undefined): Promise<void> {
    this.#request.object = object;
    this.#request.name ||= object?.metadata?.name ?? ''; // A generated name is known by now.
    for (const plugin of this.#plugins) if (plugin.validate) await plugin.validate(this.#request);
  }

  /** Asks the plugins that keep budgets, after all else has agreed. Synchronous: the write follows in the same turn. @throws StatusError */
  draw(): Settle | undefined {
    const settles: Settle[] = [];
    for (const plugin of this.#plugins) {
      const settle = plugin.draw?.(this.#request);
      if (settle) settles.push(settle);
    }
    if (settles.length === 0) return undefined;
    return async () => void (await Promise.all(settles.map((settle) => settle())));
  }
}
