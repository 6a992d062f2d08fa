// The port through which the registry and the HTTP layer treat objects of one kind: reading, defaulting, writing, merging, selecting and
// printing. Two implementations: built-in kinds from the message tables (builtin-type.ts), custom ones from their schema (docs/adr/0005).

import type { ApplyType } from './apply/apply-type.ts';
import type { Decoded, DecodeOptions } from './codec/decode.ts';
import type { Cell } from './columns/columns.ts';
import type { FieldMatcher } from './fields.ts';
import type { KubeObject } from './object.ts';
import type { GroupVersionKind } from './resources.ts';
import type { TableColumnDefinition, TableRowCondition } from './types/meta-v1.gen.ts';

/** What a kind has in protobuf. */
export interface ProtobufForm {
  /** The object of a message's bytes, without kind and apiVersion. @throws DecodeError */
  decode(raw: Uint8Array): object;
}

/** A kind as the server handles its objects. Immutable; what is costly is made when first asked for. */
export interface ObjectType {
  /** What its objects say they are. */
  readonly kind: GroupVersionKind;
  /** Undefined when the kind is served as JSON and YAML only. */
  readonly protobuf: ProtobufForm | undefined;
  /** Items of a list carry kind and apiVersion, as those of custom resources do. */
  readonly itemsTyped: boolean;
  /** How server-side apply sees the objects. */
  readonly applyType: ApplyType;
  /** An object of which nothing has been said. Frozen. */
  readonly empty: KubeObject;
  /** Reads a JSON text or value, which is not changed and shares nothing with the result. @throws StatusError BadRequest */
  decode(input: unknown, options: DecodeOptions): Decoded<KubeObject>;
  /** Fills what was left open. Twice changes nothing more. */
  applyDefaults(object: KubeObject): void;
  /** The form that is stored and shown: what the kind does not know left out, fields in order. May share parts with `object`. */
  canonical(object: KubeObject): KubeObject;
  /** Applies a strategic merge patch; undefined for kinds without merge keys. @throws StatusError BadRequest */
  readonly strategicMerge: ((object: KubeObject, patch: unknown) => unknown) | undefined;
  /** Parses a field selector and holds it against the fields that can be asked for. @throws StatusError BadRequest */
  fieldSelector(text: string): FieldMatcher;
  /** The values of the selectable fields, by name. */
  selectable(object: KubeObject): Record<string, string>;
  /** Columns of the Table that clients print. */
  readonly columns: readonly TableColumnDefinition[];
  /** The cells of a row, one a column; `nowMs` for ages. */
  cells(object: KubeObject, nowMs: number): (Cell | null)[];
  /** Conditions of a row. */
  rowConditions(object: KubeObject): TableRowCondition[];
}
