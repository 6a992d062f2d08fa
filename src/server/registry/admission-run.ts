// One request's way through the admission plugins: all that change, then all that refuse.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import type { AdmissionPlugin, AdmissionRequest, Operation, Settle } from '../admission/admission.ts';

/** What is admitted. */
export interface Admitted {
  readonly operation: Operation;
  readonly kind: GroupVersionKind;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
}

/** The admission of one attempt at a write. */
export class AdmissionRun {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #request: AdmissionRequest;

  constructor(plugins: readonly AdmissionPlugin[], call: ApiCall, admitted: Admitted) {
    this.#plugins = plugins;
    this.#request = {
      ...admitted,
      resource: call.resource,
      subresource: call.subresource,
      user: call.user,
      options: call.options,
      warn: call.warn ?? (() => {}),
      annotate: call.annotate ?? (() => {}),
    };
  }

  /** Runs the plugins that change the object, in order; returns the object, which may be another one. @throws StatusError */
  async admit(): Promise<KubeObject | undefined> {
    for (const plugin of this.#plugins) if (plugin.admit) await plugin.admit(this.#request);
    return this.#request.object;
  }

  /** Runs the plugins that refuse. @throws StatusError */
  async validate(object: KubeObject | undefined): Promise<void> {
    this.#request.object = object;
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
