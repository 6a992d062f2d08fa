// Gives the node that runs the control plane its role label. A kubelet may not set labels of that domain on itself
// (NodeRestriction), so the control plane does it.

import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { NODES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';

/** The label that `kubectl get nodes` shows as the role. */
const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane';

/** The controller; `nodeName` is the node on the control plane's machine. */
export function nodeRoleController(deps: ControllerDeps & { readonly nodeName: string }): Component {
  return new ControllerLoop(
    {
      name: 'node-role',
      setup: () => {
        const nodes = deps.informers.informer(NODES);
        return {
          sources: [source(nodes)],
          async reconcile(key) {
            const node = nodes.lister.get(key);
            if (key !== deps.nodeName || !node || node.metadata.labels?.[CONTROL_PLANE_LABEL] !== undefined) return undefined;
            const body = { metadata: { labels: { [CONTROL_PLANE_LABEL]: 'true' } } };
            await deps.client.patch(NODES, { namespace: '', name: key }, { type: 'merge', body });
            return undefined;
          },
        };
      },
    },
    deps,
  );
}
