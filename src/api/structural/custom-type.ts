// Custom kinds as ObjectTypes: everything comes from the structural schema of one version of a CustomResourceDefinition.

import type { ApplyType } from '../apply/apply-type.ts';
import type { Decoded, DecodeOptions } from '../codec/decode.ts';
import { cannotBeHandled, DecodeError } from '../codec/errors.ts';
import { duplicateFields, parseJson } from '../codec/json-text.ts';
import type { Cell } from '../columns/columns.ts';
import { deepFreeze, isObject } from '../copy.ts';
import { type FieldMatcher, parseFieldSelector } from '../fields.ts';
import type { KubeObject } from '../object.ts';
import type { ObjectType } from '../object-type.ts';
import { type GroupVersionKind, groupVersionString } from '../resources.ts';
import { badRequest, StatusError } from '../status-error.ts';
import type { CustomResourceDefinitionVersion } from '../types/apiextensions-v1.gen.ts';
import type { TableColumnDefinition } from '../types/meta-v1.gen.ts';
import { applyTypeOfSchema } from './apply-schema.ts';
import { type CustomColumns, customColumns } from './custom-columns.ts';
import { dropForbiddenNulls, fillDefaults } from './defaulting.ts';
import { coerceEmbedded, decodeMeta } from './embedded-objects.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';
import { prunedObject, UnknownFields } from './pruning.ts';
import type { Schema } from './schema.ts';

type Values = Record<string, unknown>;

/** The schema of a definition that says nothing of its objects: all is kept. */
const KEEP_ALL: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The type of one version of a custom kind. */
export class CustomType implements ObjectType {
  readonly kind: GroupVersionKind;
  readonly protobuf = undefined;
  readonly itemsTyped = true;
  readonly strategicMerge = undefined;
  readonly empty: KubeObject;
  /** What the objects are described by. */
  readonly schema: Schema;
  readonly #version: CustomResourceDefinitionVersion;
  readonly #namespaced: boolean;
  #applyType: ApplyType | undefined;
  #columns: CustomColumns | undefined;
  #selectable: ReadonlyMap<string, JsonPath> | undefined;

  constructor(kind: GroupVersionKind, version: CustomResourceDefinitionVersion, options: { namespaced: boolean; keepsUnknown: boolean }) {
    this.kind = kind;
    this.schema = options.keepsUnknown ? KEEP_ALL : (version.schema?.openAPIV3Schema ?? KEEP_ALL);
    this.#version = version;
    this.#namespaced = options.namespaced;
    this.empty = deepFreeze({ metadata: {} });
  }

  get applyType(): ApplyType {
    this.#applyType ??= applyTypeOfSchema(this.schema);
    return this.#applyType;
  }

  decode(input: unknown, options: DecodeOptions): Decoded<KubeObject> {
    try {
      return this.#decoded(input, options);
    } catch (error) {
      throw error instanceof StatusError ? error : cannotBeHandled(this.kind, error);
    }
  }

  #decoded(input: unknown, options: DecodeOptions): Decoded<KubeObject> {
    const strict = options.validation !== 'Ignore';
    const text = typeof input === 'string' ? input : options.text;
    const value = typeof input === 'string' ? parseJson(input) : input;
    if (!isObject(value)) throw new DecodeError('type', `json: cannot unmarshal into Go value of type unstructured.Unstructured`);
    checkTyped(value);
    const unknown = new UnknownFields();
    const object = prunedObject(value, this.schema, { root: true, unknown });
    const { meta, unknown: unknownMeta } = decodeMeta(value['metadata']);
    object['metadata'] = meta;
    const embedded = coerceEmbedded(object, this.schema);
    // Keys are seen before fields are: also what is not known is told when it occurs twice.
    const duplicates = strict && text !== undefined ? duplicateFields(text) : [];
    const findings = strict ? [...duplicates, ...unknownMeta, ...unknown.paths.map((path) => `unknown field "${path}"`), ...embedded] : [];
    if (options.validation === 'Strict' && findings.length > 0) {
      throw new DecodeError('strict', `strict decoding error: ${findings.join(', ')}`);
    }
    // Metadata has been read; of the rest only the schema knows.
    return { object: object as unknown as KubeObject, warnings: findings };
  }

  applyDefaults(object: KubeObject): void {
    const { metadata, ...rest } = object;
    fillDefaults(rest, this.schema);
    dropForbiddenNulls(rest, this.schema);
    for (const key of Object.keys(object)) if (key !== 'metadata' && !Object.hasOwn(rest, key)) Reflect.deleteProperty(object, key);
    Object.assign(object, rest, { metadata });
  }

  canonical(object: KubeObject): KubeObject {
    const { managedFields, ...metadata } = object.metadata;
    // An object is its fields by name.
    const values = { ...object, metadata } as unknown as Values;
    const pruned = prunedObject(values, this.schema, { root: true, unknown: new UnknownFields() });
    pruned['metadata'] = orderedMeta(decodeMeta(metadata).meta);
    coerceEmbedded(pruned, this.schema);
    const out = pruned as unknown as KubeObject;
    if (managedFields) out.metadata.managedFields = managedFields;
    return out;
  }

  fieldSelector(text: string): FieldMatcher {
    const selector = parseFieldSelector(text);
    for (const { field } of selector.requirements) {
      const usual = field === 'metadata.name' || (field === 'metadata.namespace' && this.#namespaced);
      if (!usual && !this.#paths().has(field)) throw badRequest(`field label not supported: ${field}`);
    }
    return selector;
  }

  selectable(object: KubeObject): Record<string, string> {
    const { name = '', namespace } = object.metadata;
    const out: Record<string, string> = { 'metadata.name': name };
    if (namespace) out['metadata.namespace'] = namespace;
    for (const [field, path] of this.#paths()) {
      const [value] = path.find(object);
      out[field] = value === undefined || value === null ? '' : String(value);
    }
    return out;
  }

  /** Selectable fields by the name selectors use: the path without its dot. */
  #paths(): ReadonlyMap<string, JsonPath> {
    this.#selectable ??= new Map(
      (this.#version.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), parseJsonPath(jsonPath)]),
    );
    return this.#selectable;
  }

  get columns(): readonly TableColumnDefinition[] {
    return this.#tables().definitions;
  }

  cells(object: KubeObject, nowMs: number): (Cell | null)[] {
    return this.#tables().cells(object, nowMs);
  }

  rowConditions(): [] {
    return [];
  }

  #tables(): CustomColumns {
    this.#columns ??= customColumns(this.#version.additionalPrinterColumns);
    return this.#columns;
  }

  /** `group/version`. */
  get apiVersion(): string {
    return groupVersionString(this.kind);
  }
}

function checkTyped(value: Values): void {
  for (const name of ['apiVersion', 'kind']) {
    const item = value[name];
    if (item !== undefined && item !== null && typeof item !== 'string') {
      throw new DecodeError('type', `json: cannot unmarshal ${typeof item} into Go struct field .${name} of type string`);
    }
  }
}

function orderedMeta(meta: KubeObject['metadata']): KubeObject['metadata'] {
  const source = meta as unknown as Values;
  return Object.fromEntries(
    Object.keys(source)
      .sort()
      .map((key) => [key, source[key]]),
  );
}
