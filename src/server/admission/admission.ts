// Contract of admission plugins. The order of the built-in ones is data in admission/chain.ts.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind, GroupVersionResource } from '../../api/resources.ts';
import type { RequestOptions, UserInfo } from '../../client/api-backend.ts';

/** Operations that are admitted. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One request on its way to storage. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
  readonly subresource: string;
  readonly namespace: string;
  /** `''` for a create with generateName before the name is made. */
  readonly name: string;
  /** The new object, a draft that mutating plugins may change in place; undefined for DELETE. */
  object: KubeObject | undefined;
  /** The stored object, frozen; undefined for CREATE. */
  readonly oldObject: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly options: RequestOptions;
  readonly warn: (text: string) => void;
  /** Says something in the audit log's record of this request; the first value of a key stays. */
  readonly annotate: (key: string, value: string) => void;
}

/** Books what a write costs, once it is in the head state. Resolves when that is durable. */
export type Settle = () => Promise<void>;

/** A plugin. All mutating ones run before all validating ones. */
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
