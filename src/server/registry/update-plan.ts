// What an update is: how the new object is made out of the current one, and what of it admission sees. Made by update-plans.ts and by
// sub-resources, carried out by object-writer.ts.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import type { FieldOwners } from './field-management.ts';
import type { WriteContext } from './strategy.ts';

/** A view of an object in another kind, as its sub-resource exchanges it. */
export interface ShownView {
  readonly kind: GroupVersionKind;
  read(object: KubeObject): KubeObject;
  /** Puts what a view says into a draft of the object. @throws StatusError */
  write(object: KubeObject, view: KubeObject): void;
}

/** How an update makes the new object out of the current one. */
export interface UpdatePlan {
  /** `''` or the sub-resource. */
  readonly subresource: string;
  /** A fresh draft in the served version. @throws StatusError */
  transform(current: KubeObject, nowMs: number): KubeObject | Promise<KubeObject>;
  /** Who owns which fields of the draft; absent = managedFields stay as they are. */
  owners?(draft: KubeObject, current: KubeObject, nowMs: number): FieldOwners | Promise<FieldOwners>;
  /** What of the draft may change: the strategy's rule of the resource or sub-resource. */
  prepare(object: KubeObject, old: KubeObject, context: WriteContext): void;
  /** What admission sees instead of the object: the view that the request is about. */
  readonly shown?: ShownView;
  /** The object to create when there is none; absent = NotFound. */
  readonly createInstead?: (nowMs: number) => KubeObject | Promise<KubeObject>;
}
