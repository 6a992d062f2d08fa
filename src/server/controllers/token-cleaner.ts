// Deletes bootstrap tokens that have ended.

import { BOOTSTRAP_TOKEN_NAMESPACE, BOOTSTRAP_TOKEN_TYPE, bootstrapTokenEnd } from '../../api/bootstrap-token.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { SECRETS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';

/** The controller. Its keys are Secrets. */
export function tokenCleanerController(deps: ControllerDeps): Component {
  const setup = () => {
    const secrets = deps.informers.informer(SECRETS, { fieldSelector: `type=${BOOTSTRAP_TOKEN_TYPE}` });
    const keysOf = ({ object }: { object: KubeObject }): string[] =>
      object.metadata.namespace === BOOTSTRAP_TOKEN_NAMESPACE ? [keyOf(object)] : [];
    return {
      sources: [source(secrets, keysOf)],
      async reconcile(key: string) {
        const secret = secrets.lister.get(key);
        const end = secret && bootstrapTokenEnd(secret);
        if (!secret || end === undefined) return undefined;
        const left = end - deps.clock.now();
        if (left > 0) return { requeueAfterMs: left };
        const { uid = '' } = secret.metadata;
        try {
          await deps.client.delete(SECRETS, nameOf(key), { preconditions: { uid } });
        } catch (error) {
          // It went, or another took its name: the informer brings that.
          if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
        }
        return undefined;
      },
    };
  };
  return new ControllerLoop({ name: 'token-cleaner', workers: 1, setup }, deps);
}
