// Sub-resources as values. A view shows (part of) the object under other rules; an action is a create that does something.

import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import type { Entry, Store } from '../store/store.ts';
import type { DeletionResult } from './object-deleter.ts';
import type { WriteResult } from './object-writer.ts';
import type { ServedResource } from './served-resource.ts';
import type { WriteContext } from './strategy.ts';
import type { UpdatePlan } from './update-plan.ts';

/** The same kind as the object, with its own rule of what an update may change: status, approval, finalize, resize. */
export interface ObjectView {
  readonly type: 'object';
  prepare(object: KubeObject, old: KubeObject, context: WriteContext): void;
}

/** Another kind made from the object and written back into it: scale. */
export interface MappedView {
  readonly type: 'mapped';
  /** What the view is. */
  readonly kind: ObjectType;
  read(object: KubeObject): KubeObject;
  /** Puts what the view says into a draft of the object. @throws StatusError */
  write(object: KubeObject, view: KubeObject): void;
  /** What a configuration's spec of the view is in terms of the object; absent = the same. */
  configuration?(spec: unknown): Record<string, unknown>;
}

/** What an action may do besides reading: everything the pipeline can. */
export interface ActionEnv {
  readonly store: Pick<Store, 'get' | 'head' | 'list'>;
  readonly nowMs: number;
  /** The resource of a built-in group; for reaching beyond the object (budgets of an eviction). */
  served(group: string, version: string, resource: string): ServedResource;
  update(served: ServedResource, call: ApiCall, plan: UpdatePlan): Promise<WriteResult>;
  delete(served: ServedResource, call: ApiCall, options: DeleteOptions): Promise<DeletionResult>;
}

/** A create of a sub-resource: binding, eviction, token. */
export interface Action {
  readonly type: 'action';
  /** Does it and returns the answer, with its HTTP code 201. `parent` is the object's stored entry. @throws StatusError */
  run(env: ActionEnv, way: { call: ApiCall; served: ServedResource; parent: Entry<KubeObject>; body: KubeObject }): Promise<KubeObject>;
}

/** Any sub-resource that is not relayed to a node. */
export type Subresource = ObjectView | MappedView | Action;
