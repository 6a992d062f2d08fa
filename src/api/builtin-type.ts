// Built-in kinds as ObjectTypes: everything comes from the message tables, and what tables cannot say from defaults.ts, fields.ts and columns/.

import { type ApplyType, applyTypeOf } from './apply/apply-type.ts';
import { type Decoded, type DecodeOptions, decodeObject } from './codec/decode.ts';
import { encodeObject } from './codec/encode.ts';
import { cannotBeHandled } from './codec/errors.ts';
import { decodeMessage } from './codec/protobuf.ts';
import { type Cell, tableCells, tableColumns, tableRowConditions } from './columns/columns.ts';
import { deepFreeze } from './copy.ts';
import { applyDefaults } from './defaults.ts';
import { checkedFieldSelector, type FieldMatcher, parseFieldSelector, selectableFields } from './fields.ts';
import type { KubeObject } from './object.ts';
import type { ObjectType, ProtobufForm } from './object-type.ts';
import { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
import type { GroupVersionKind, GroupVersionResource } from './resources.ts';
import { builtinSchema, type Message } from './schema/schema.ts';
import { StatusError } from './status-error.ts';
import type { TableColumnDefinition, TableRowCondition } from './types/meta-v1.gen.ts';

/** The type of a built-in kind. `resource` says how its objects are printed and selected; kinds that are not a resource's own have none. */
class BuiltinType implements ObjectType {
  readonly kind: GroupVersionKind;
  readonly protobuf: ProtobufForm;
  readonly itemsTyped = false;
  readonly strategicMerge: ObjectType['strategicMerge'];
  readonly #message: Message;
  readonly #resource: GroupVersionResource;
  #empty: KubeObject | undefined;

  constructor(kind: GroupVersionKind, message: Message, resource: GroupVersionResource) {
    this.kind = kind;
    this.#message = message;
    this.#resource = resource;
    this.protobuf = { decode: (raw) => decodeMessage<object>(raw, message) };
    this.strategicMerge = (object, patch) => applyStrategicMergePatch(object, patch, message);
  }

  get applyType(): ApplyType {
    return applyTypeOf(this.#message);
  }

  get empty(): KubeObject {
    this.#empty ??= deepFreeze(decodeObject<KubeObject>({}, this.#message).object);
    return this.#empty;
  }

  decode(input: unknown, options: DecodeOptions): Decoded<KubeObject> {
    try {
      return decodeObject<KubeObject>(input, this.#message, options);
    } catch (error) {
      throw error instanceof StatusError ? error : cannotBeHandled(this.kind, error);
    }
  }

  applyDefaults(object: KubeObject): void {
    applyDefaults(object, this.kind);
  }

  canonical(object: KubeObject): KubeObject {
    return decodeObject<KubeObject>(encodeObject(object, this.#message), this.#message).object;
  }

  fieldSelector(text: string): FieldMatcher {
    return checkedFieldSelector(this.#resource, parseFieldSelector(text));
  }

  selectable(object: KubeObject): Record<string, string> {
    return selectableFields(this.#resource, object);
  }

  get columns(): readonly TableColumnDefinition[] {
    return tableColumns(this.#resource);
  }

  cells(object: KubeObject, nowMs: number): Cell[] {
    return tableCells(this.#resource, object, nowMs);
  }

  rowConditions(object: KubeObject): TableRowCondition[] {
    return tableRowConditions(this.#resource, object);
  }
}

/** The type of DeleteOptions: a kind of every group version that is no resource's. */
export function deleteOptionsType(): ObjectType {
  const message = builtinSchema().message('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions');
  if (!message) throw new RangeError('the schema has no DeleteOptions');
  const kind = { group: '', version: 'v1', kind: 'DeleteOptions' };
  return new BuiltinType(kind, message, { ...kind, resource: '' });
}

/** The type of a built-in kind. @throws RangeError when the schema has no such kind */
export function builtinType(kind: GroupVersionKind, resource: GroupVersionResource = { ...kind, resource: '' }): ObjectType {
  const { group, version } = kind;
  const message = builtinSchema().kind(group, version, kind.kind) ?? builtinSchema().connectKind(kind);
  if (!message) throw new RangeError(`no built-in kind ${group}/${version} ${kind.kind}`);
  return new BuiltinType(kind, message, resource);
}
