// The protection controllers of claims, volumes and volume attributes classes: what is being deleted stays until nothing uses it any more.
// Admission puts the finalizers on; these controllers take them off. Rules: "Storage Object in Use Protection".

import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { PROTECTION_FINALIZERS } from '../../api/protection-finalizers.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Component } from '../../base/component.ts';
import type { TypedResource } from '../../client/client.ts';
import { ControllerLoop, type LoopSource, source } from '../../client/controller-loop.ts';
import type { Informer } from '../../client/informer.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, VOLUME_ATTRIBUTES_CLASSES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { attributesClassesOf, claimsInUse, planFinalizers, volumeIsInUse } from './in-use-protection-plan.ts';

type Deps = Pick<ControllerDeps, 'client' | 'clock' | 'informers' | 'log'>;

/** What one of the controllers protects, and how it learns of the use. */
interface Protection<T extends KubeObject> {
  readonly name: string;
  readonly resource: TypedResource<T>;
  readonly finalizer: string;
  /** Asks for the informers of what uses the objects. */
  setup(): {
    /** Sources of the keys of objects whose use has changed. */
    readonly users: readonly LoopSource[];
    isInUse(object: T): boolean | Promise<boolean>;
  };
}

/** The pvc-protection controller. */
export function pvcProtectionController(deps: Deps): Component {
  const setup = () => {
    const pods = deps.informers.informer(PODS, { indexers: { claimsInUse } });
    const users = [source(pods, ({ object, old }) => [...claimsInUse(object), ...(old ? claimsInUse(old) : [])])];
    const isInUse = async (claim: KubeObject): Promise<boolean> => {
      if (pods.lister.byIndex('claimsInUse', keyOf(claim)).length > 0) return true;
      // The informer may be behind: the API itself must say that nobody uses it.
      const live = await deps.client.list(PODS, { namespace: claim.metadata.namespace ?? '' });
      return live.items.some((pod) => claimsInUse(pod).includes(keyOf(claim)));
    };
    return { users, isInUse };
  };
  return protectionLoop(
    { name: 'pvc-protection', resource: PERSISTENT_VOLUME_CLAIMS, finalizer: PROTECTION_FINALIZERS.persistentvolumeclaims, setup },
    deps,
  );
}

/** The pv-protection controller. */
export function pvProtectionController(deps: Deps): Component {
  const setup = () => ({ users: [], isInUse: volumeIsInUse });
  return protectionLoop(
    { name: 'pv-protection', resource: PERSISTENT_VOLUMES, finalizer: PROTECTION_FINALIZERS.persistentvolumes, setup },
    deps,
  );
}

/** The vac-protection controller. */
export function vacProtectionController(deps: Deps): Component {
  const setup = () => {
    const indexers = { attributesClasses: attributesClassesOf };
    const claims = deps.informers.informer(PERSISTENT_VOLUME_CLAIMS, { indexers });
    const volumes = deps.informers.informer(PERSISTENT_VOLUMES, { indexers });
    const classesOf = <T extends Parameters<typeof attributesClassesOf>[0] & KubeObject>(informer: Informer<T>): LoopSource =>
      source(informer, ({ object, old }) => [...attributesClassesOf(object), ...(old ? attributesClassesOf(old) : [])]);
    const isInUse = ({ metadata: { name = '' } }: KubeObject): boolean =>
      [claims, volumes].some(({ lister }) => lister.byIndex('attributesClasses', name).length > 0);
    return { users: [classesOf(claims), classesOf(volumes)], isInUse };
  };
  return protectionLoop(
    {
      name: 'vac-protection',
      resource: VOLUME_ATTRIBUTES_CLASSES,
      finalizer: PROTECTION_FINALIZERS['volumeattributesclasses.storage.k8s.io'],
      setup,
    },
    deps,
  );
}

function protectionLoop<T extends KubeObject>(protection: Protection<T>, deps: Deps): Component {
  const setup = () => {
    const objects = deps.informers.informer(protection.resource);
    const { users, isInUse } = protection.setup();
    const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
      const object = objects.lister.get(key);
      if (!object) return;
      const asksWhetherUsed = object.metadata.deletionTimestamp !== undefined;
      const finalizers = planFinalizers(object, protection.finalizer, asksWhetherUsed && (await isInUse(object)));
      if (finalizers) await writeFinalizers(deps, protection.resource, { object, finalizers, signal });
    };
    return { sources: [source(objects), ...users], reconcile };
  };
  return new ControllerLoop({ name: protection.name, workers: 1, setup }, deps);
}

async function writeFinalizers<T extends KubeObject>(
  deps: Deps,
  resource: TypedResource<T>,
  { object, finalizers, signal }: { object: T; finalizers: readonly string[]; signal: AbortSignal },
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const body = { metadata: { uid, resourceVersion, finalizers: finalizers.length > 0 ? finalizers : null } };
  try {
    await deps.client.patch(resource, nameOf(keyOf(object)), { type: 'merge', body }, { signal });
  } catch (error) {
    // It went, or somebody changed it: the informer brings what is left.
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
}
