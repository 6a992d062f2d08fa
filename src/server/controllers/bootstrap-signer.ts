// Signs the ConfigMap kube-public/cluster-info with the bootstrap tokens that may sign, by bootstrap-signer-plan.ts. Without that ConfigMap
// it does nothing.

import { BOOTSTRAP_TOKEN_NAMESPACE, BOOTSTRAP_TOKEN_TYPE, bootstrapTokenEnd } from '../../api/bootstrap-token.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { CONFIG_MAPS, SECRETS } from '../../client/resources.ts';
import { signedData } from './bootstrap-signer-plan.ts';
import type { ControllerDeps } from './controller.ts';

const CLUSTER_INFO = 'kube-public/cluster-info';

/** The controller. Its only key is the ConfigMap. */
export function bootstrapSignerController(deps: ControllerDeps): Component {
  const setup = () => {
    const secrets = deps.informers.informer(SECRETS, { fieldSelector: `type=${BOOTSTRAP_TOKEN_TYPE}` });
    const infos = deps.informers.informer(CONFIG_MAPS, { fieldSelector: 'metadata.name=cluster-info' });
    return {
      sources: [source(secrets, () => [CLUSTER_INFO]), source(infos, () => [CLUSTER_INFO])],
      async reconcile() {
        const info = infos.lister.get(CLUSTER_INFO);
        if (!info) return undefined;
        const now = deps.clock.now();
        const tokens = secrets.lister.list().filter(({ metadata }) => metadata.namespace === BOOTSTRAP_TOKEN_NAMESPACE);
        const data = signedData(info, tokens, now);
        if (data) await deps.client.update(CONFIG_MAPS, { ...info, data });
        const left = tokens.flatMap((token) => bootstrapTokenEnd(token) ?? []).filter((end) => end > now);
        return left.length > 0 ? { requeueAfterMs: Math.min(...left) - now } : undefined;
      },
    };
  };
  return new ControllerLoop({ name: 'bootstrap-signer', workers: 1, setup }, deps);
}
