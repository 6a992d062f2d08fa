// Contract of admission plugins. The order of the built-in ones is data in admission/chain.ts.

import type { ApplyType } from '../../api/apply/apply-type.ts';
import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind, GroupVersionResource } from '../../api/resources.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import type { RequestOptions, UserInfo } from '../../client/api-backend.ts';

/** Operations that are admitted. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** A resource, and the kind of what it or its sub-resource exchanges. */
export interface ResourceForm {
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
}

/** What plugins may ask of the objects of a request beyond their fields: other versions, and how a kind is read. */
export interface ObjectForms {
  /** The other groups and versions under which the resource of the request is served, in the order of discovery. */
  readonly equivalents: readonly ResourceForm[];
  /** The object as another of these kinds has it, or the same object if it is of that kind. */
  convert(object: KubeObject, kind: GroupVersionKind): Promise<KubeObject>;
  /** What a plugin made of an object of that kind, read like a client's: pruned, with defaults. Shares nothing with `value`. @throws StatusError */
  read(value: unknown, kind: GroupVersionKind): KubeObject;
  /** How configurations are merged into objects of one of these kinds. */
  applyType(kind: GroupVersionKind): ApplyType;
}

/** One request on its way to storage. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
  readonly subresource: string;
  readonly namespace: string;
  /** `''` for a create with generateName while the mutating plugins run, before the name is made. */
  readonly name: string;
  /** The new object, a draft that mutating plugins may change in place; undefined for DELETE. */
  object: KubeObject | undefined;
  /** The stored object, frozen; undefined for CREATE. */
  readonly oldObject: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly options: RequestOptions;
  /** Of a DELETE. */
  readonly deleteOptions?: DeleteOptions | undefined;
  readonly warn: (text: string) => void;
  /** Says something in the audit log's record of this request; the first value of a key stays. */
  readonly annotate: (key: string, value: string) => void;
  readonly forms: ObjectForms;
  /** 1 while the mutating plugins run for a second time. */
  readonly round: 0 | 1;
  /** Asks for the second round, after a change that the plugins before have not seen. */
  readonly runAgain: () => void;
  /** Aborted when the client no longer waits. */
  readonly signal: AbortSignal | undefined;
}

/** Books what a write costs, once it is in the head state. Resolves when that is durable. */
export type Settle = () => Promise<void>;

/** A plugin. All mutating ones run before all validating ones; once more when one asks for it, so twice must change nothing more. */
export interface AdmissionPlugin {
  /** Upstream's name, e.g. `NamespaceLifecycle`. */
  readonly name: string;
  /** Changes `request.object`. @throws StatusError to refuse. */
  admit?(request: AdmissionRequest): Promise<void> | void;
  /** Refuses by throwing; must change nothing. @throws StatusError */
  validate?(request: AdmissionRequest): Promise<void> | void;
  /**
   * The last word on a create or update, in the same turn of the event loop as the write itself, so that nothing comes between: holds it against
   * a budget that is shared with other writes. What it returns is called when the write has entered the head state; what is refused later,
   * or is a dry run, is never booked. @throws StatusError
   */
  draw?(request: AdmissionRequest): Settle | undefined;
}
