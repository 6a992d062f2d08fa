// The configured webhooks of one sort in the order in which they are called: by configuration, and within one as listed.
// A configuration is compiled once, when a request first comes after it was written; without any there is nothing to do.

import type { KubeObject } from '../../../api/object.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { TypedResource } from '../../../client/client.ts';
import type { AdmissionReader } from '../admission-reader.ts';
import { type CompiledMatch, compileMatch } from '../resource-match.ts';

/** A webhook ready to be matched and called. */
export interface CompiledWebhook<Webhook> {
  /** The same for as long as its place in its configuration is. */
  readonly id: string;
  /** Name of the configuration. */
  readonly configuration: string;
  readonly webhook: Webhook;
  readonly match: CompiledMatch;
}

/** A configuration of webhooks of one sort. */
export interface Configuration<Webhook> extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

/** The webhooks of one resource of configurations. */
export class WebhookSet<Webhook extends MutatingWebhook | ValidatingWebhook> {
  readonly #resource: TypedResource<Configuration<Webhook>>;
  readonly #reader: AdmissionReader;
  /** Stored objects are never changed: one that is written is another one. */
  readonly #compiled = new WeakMap<Configuration<Webhook>, readonly CompiledWebhook<Webhook>[]>();

  constructor(resource: TypedResource<Configuration<Webhook>>, reader: AdmissionReader) {
    this.#resource = resource;
    this.#reader = reader;
  }

  /** All webhooks. The store keeps configurations by name. */
  list(): readonly CompiledWebhook<Webhook>[] {
    return this.#reader.list(this.#resource).flatMap((configuration) => this.#compile(configuration));
  }

  #compile(configuration: Configuration<Webhook>): readonly CompiledWebhook<Webhook>[] {
    const known = this.#compiled.get(configuration);
    if (known) return known;
    const { name = '' } = configuration.metadata;
    const made = (configuration.webhooks ?? []).map((webhook, index) => ({
      id: `${name}/${webhook.name}/${index}`,
      configuration: name,
      webhook,
      match: compileMatch({ ...webhook, rules: webhook.rules ?? [] }),
    }));
    this.#compiled.set(configuration, made);
    return made;
  }
}
