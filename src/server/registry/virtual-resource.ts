// Resources that are never stored: reviews, which answer a question, and component statuses, which are made when asked for.

import type { KubeObject } from '../../api/object.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import type { ActionEnv } from './subresource.ts';

/** How a resource that is not stored answers. */
export interface VirtualResource {
  /** Answers a create. @throws StatusError */
  create?(body: KubeObject, call: ApiCall, env: ActionEnv): Promise<KubeObject> | KubeObject;
  /** The objects that exist right now. */
  list?(): KubeObject[];
}
