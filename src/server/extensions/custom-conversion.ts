// Custom objects between the versions of their definition: as they are stored, and as one version shows them. Defaults and pruning of the stored version
// apply on every read, since a schema may have changed after an object was written. Rules: "Versions in CustomResourceDefinitions".

import { deepEqual, deepFreeze } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { internalError } from '../../api/status-error.ts';
import type { CustomType } from '../../api/structural/custom-type.ts';
import type { Conversion } from '../registry/served-resource.ts';

/** Converts objects, all of one version, to another; metadata but for labels and annotations stays. @throws StatusError */
export type ConvertObjects = (objects: readonly KubeObject[], apiVersion: string) => Promise<KubeObject[]>;

/** What a version is converted with. */
export interface CustomConversionOptions {
  /** The version that is served. */
  readonly type: CustomType;
  readonly storedType: CustomType;
  /** All versions by apiVersion: objects may be stored in any. */
  readonly types: ReadonlyMap<string, CustomType>;
  /** Asks the webhook; absent = only the apiVersion differs between versions. */
  readonly convert: ConvertObjects | undefined;
}

/** The conversion of one served version. */
export class CustomConversion implements Conversion {
  readonly storedType: CustomType;
  readonly load: Conversion['load'];
  readonly #options: CustomConversionOptions;
  /** Stored objects as they are shown: each is converted once, however many read and watch it. */
  readonly #shown = new WeakMap<KubeObject, KubeObject>();

  constructor(options: CustomConversionOptions) {
    this.#options = options;
    this.storedType = options.storedType;
    // Nothing has to be loaded where the version is the only one: reads stay synchronous.
    const { convert } = options;
    this.load = convert && options.types.size > 1 ? (objects) => this.#load(objects, convert) : undefined;
  }

  fromStored(object: KubeObject): KubeObject {
    const known = this.#shown.get(object);
    if (known) return known;
    const { type, convert } = this.#options;
    const isOwn = object.apiVersion === type.apiVersion;
    if (!isOwn && convert) throw internalError('the object has not been converted');
    return this.#remember(object, isOwn ? this.#completed(object) : { ...this.#completed(object), apiVersion: type.apiVersion });
  }

  async #load(objects: readonly KubeObject[], convert: ConvertObjects): Promise<void> {
    const { type } = this.#options;
    const byVersion = Map.groupBy(
      objects.filter((object) => object.apiVersion !== type.apiVersion && !this.#shown.has(object)),
      (object) => object.apiVersion,
    );
    for (const missing of byVersion.values()) {
      const converted = await convert(
        missing.map((object) => this.#completed(object)),
        type.apiVersion,
      );
      for (const [i, object] of missing.entries()) {
        const shown = converted[i];
        if (shown) this.#remember(object, shown);
      }
    }
  }

  /** The object with the defaults, and without the unknown fields, of the version it is stored in; itself when that changes nothing. */
  #completed(object: KubeObject): KubeObject {
    const stored = this.#options.types.get(object.apiVersion ?? '');
    if (!stored) return object;
    const completed = stored.canonical(object);
    stored.applyDefaults(completed);
    return deepEqual(completed, object) ? object : completed;
  }

  #remember(stored: KubeObject, converted: KubeObject): KubeObject {
    const shown = converted.apiVersion === stored.apiVersion ? converted : this.#options.type.canonical(converted);
    // What is not of the store may still be somebody's draft: that one is not ours to freeze.
    if (shown !== stored) deepFreeze(shown);
    this.#shown.set(stored, shown);
    return shown;
  }

  toStored(object: KubeObject): KubeObject | Promise<KubeObject> {
    const { storedType, convert } = this.#options;
    if (object.apiVersion === storedType.apiVersion) return object;
    if (!convert) return { ...object, apiVersion: storedType.apiVersion };
    return convert([object], storedType.apiVersion).then(([converted]) => converted ?? object);
  }
}
