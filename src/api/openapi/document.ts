// What both OpenAPI documents are built from, and the names by which operations refer to definitions.

import type { GroupVersion, GroupVersionKind, ResourceInfo } from '../resources.ts';
import type { Schema } from '../schema/schema.ts';
import { type CustomSchemaOptions, customDefinition, customListDefinition } from './custom-schema.ts';
import { type DefinitionOptions, type Descriptions, definitions, type JsonObject, reference } from './definitions.ts';
import { type Body, type Operation, operationsOf } from './operations.ts';

/** The schema of a custom resource's kind: an OpenAPI v3 schema as in its definition, and the name it gets in the document. */
export interface CustomKind {
  /** e.g. `com.example.stable.v1.CronTab` */
  readonly name: string;
  /** Undefined when the definition says nothing of its objects. */
  readonly schema: JsonObject | undefined;
  /** Changes when the schema does. */
  readonly fingerprint: string;
}

/** What a document is built from. */
export interface OpenApiInput {
  /** The resources it describes. */
  readonly resources: readonly ResourceInfo[];
  /** All group versions that are served. */
  readonly groupVersions: readonly GroupVersion[];
  readonly schema: Schema;
  /** e.g. `v1.36.0` */
  readonly version: string;
  readonly descriptions?: Descriptions;
  /** The kinds that are not built in. */
  readonly customKind?: (gvk: GroupVersionKind) => CustomKind | undefined;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const SHARED = ['Status', 'Patch', 'DeleteOptions', 'WatchEvent'];

/** Operations and definitions of a document in one dialect. */
export interface DocumentParts {
  readonly operations: readonly Operation[];
  readonly definitions: JsonObject;
  /** The schema an operation refers to. */
  readonly schemaOf: (body: Body) => JsonObject;
}

/** Collects the operations of the resources and every definition they need. */
export function documentParts(input: OpenApiInput, dialect: 'v2' | 'v3'): DocumentParts {
  const operations = input.resources.flatMap(operationsOf);
  const builtin = new Set(SHARED.map((name) => `${META}.${name}`));
  const custom: JsonObject = {};
  const schemaOf = (body: Body): JsonObject => {
    if (body === 'string') return { type: 'string' };
    if (typeof body === 'string') return reference(`${META}.${body}`, dialect);
    return reference(definitionName(input, body) ?? '', dialect);
  };
  for (const { gvk, response } of operations) {
    for (const kind of [gvk, response]) {
      if (typeof kind === 'string') continue;
      const message = input.schema.kind(kind.group, kind.version, kind.kind) ?? input.schema.connectKind(kind);
      if (message) builtin.add(message.fullName);
      else addCustom(custom, input, kind, dialect);
    }
  }
  if (Object.keys(custom).length > 0) for (const name of ['ObjectMeta', 'ListMeta']) builtin.add(`${META}.${name}`);
  const options: DefinitionOptions = { ...input, dialect };
  return { operations, schemaOf, definitions: { ...definitions(builtin, options), ...custom } };
}

function definitionName(input: OpenApiInput, gvk: GroupVersionKind): string | undefined {
  const message = input.schema.kind(gvk.group, gvk.version, gvk.kind);
  return message?.fullName ?? customName(input, gvk);
}

function customName(input: OpenApiInput, gvk: GroupVersionKind): string | undefined {
  const own = input.customKind?.(gvk)?.name;
  if (own !== undefined) return own;
  const kind = itemKind(input, gvk);
  if (kind === gvk.kind) return undefined;
  const item = input.customKind?.({ ...gvk, kind })?.name;
  return item === undefined ? undefined : `${item}List`;
}

function itemKind(input: OpenApiInput, { group, version, kind }: GroupVersionKind): string {
  return input.resources.find((r) => r.group === group && r.version === version && r.listKind === kind)?.kind ?? kind;
}

function addCustom(out: JsonObject, input: OpenApiInput, gvk: GroupVersionKind, dialect: 'v2' | 'v3'): void {
  const name = customName(input, gvk);
  if (name === undefined || Object.hasOwn(out, name)) return;
  const options: CustomSchemaOptions = {
    dialect,
    reference: (definition) => reference(definition, dialect),
    // Kinds say the same of these two.
    describe: (field) => input.descriptions?.('io.k8s.api.core.v1.Pod', field),
  };
  const own = input.customKind?.(gvk);
  out[name] = own ? customDefinition(own.schema, gvk, options) : customListDefinition(itemName(input, gvk), gvk, options);
}

function itemName(input: OpenApiInput, gvk: GroupVersionKind): string {
  return customName(input, { ...gvk, kind: itemKind(input, gvk) }) ?? '';
}
