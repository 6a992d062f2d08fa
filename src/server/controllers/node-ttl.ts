// The TTL controller: tells kubelets by an annotation how long they may keep Secrets and ConfigMaps, longer in larger clusters.

import { keyOf, nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { NODES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** Seconds by the number of nodes up to which they hold: upstream's table. Beyond the last, the last. */
const STEPS: readonly (readonly [nodes: number, seconds: number])[] = [
  [100, 0],
  [500, 15],
  [1000, 30],
  [2000, 60],
];
const MOST_SECONDS = 300;

/** How many seconds kubelets of a cluster of that size keep objects. */
export function ttlSeconds(nodes: number): number {
  return STEPS.find(([most]) => nodes <= most)?.[1] ?? MOST_SECONDS;
}

/** The controller. Its keys are Nodes. */
export function ttlController(deps: Pick<ControllerDeps, 'client' | 'clock' | 'informers' | 'log'>): Component {
  const setup = () => {
    const nodes = deps.informers.informer(NODES);
    const wanted = (): string => String(ttlSeconds(nodes.lister.list().length));
    // Only a node that says something else is worked on, so that heartbeats cause nothing; a step of the size concerns all.
    const stale = (): string[] =>
      nodes.lister
        .list()
        .filter(({ metadata }) => metadata.annotations?.[ANNOTATION] !== wanted())
        .map(keyOf);
    const changes = source(nodes, ({ type, object }) => {
      if (type !== 'modified') return stale();
      return object.metadata.annotations?.[ANNOTATION] === wanted() ? [] : [keyOf(object)];
    });
    const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
      const node = nodes.lister.get(key);
      if (!node || node.metadata.annotations?.[ANNOTATION] === wanted()) return;
      const body = { metadata: { annotations: { [ANNOTATION]: wanted() } } };
      try {
        await deps.client.patch(NODES, nameOf(key), { type: 'merge', body }, { signal });
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    };
    return { sources: [changes], reconcile };
  };
  return new ControllerLoop({ name: 'ttl', workers: 1, setup }, deps);
}
