// Marks tokens that live in Secrets, were made by a controller of old and are unused for a year; deletes them another year later. It also
// keeps the ConfigMap that says since when uses are noted. It looks once a day and, but for that ConfigMap, watches nothing.

import { dayOf, INVALID_SINCE_LABEL } from '../../api/legacy-token.ts';
import type { KubeObject } from '../../api/object.ts';
import { hasReason, isNotFound } from '../../api/status-error.ts';
import type { ConfigMap, Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.ts';
import { podReferences } from '../auth/pod-references.ts';
import type { ControllerDeps } from './controller.ts';
import { isUnused, TRACKING, trackedLongEnough, trackingData, unusedTokenStep } from './legacy-token-cleaner-plan.ts';
import { accountOf, TOKEN_SECRET_TYPE } from './service-account-token-plan.ts';

/** Between two looks, as upstream. */
const LOOK_PERIOD_MS = 86_400_000;
/** Secrets looked at in one go. */
const PAGE = 500;

const TRACKING_KEY = `${TRACKING.namespace}/${TRACKING.name}`;
/** The other key of the queue: the daily look. */
const LOOK = 'look';

type SecretObject = Secret & KubeObject;

/** The controller. Its keys are the ConfigMap and the daily look. */
export function legacyTokenCleanerController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'legacy-serviceaccount-token-cleaner',
      workers: 1,
      setup: (queue) => {
        const maps = deps.informers.informer(CONFIG_MAPS, { fieldSelector: `metadata.name=${TRACKING.name}` });
        return {
          sources: [source(maps, () => [TRACKING_KEY])],
          onSynced: () => {
            queue.add(TRACKING_KEY);
            queue.add(LOOK);
          },
          async reconcile(key, signal) {
            const tracking = maps.lister.get(TRACKING_KEY);
            if (key === TRACKING_KEY) {
              await keepTracking(deps, tracking, signal);
              return undefined;
            }
            if (tracking && trackedLongEnough(tracking, deps.clock.now())) await look(deps, signal);
            return { requeueAfterMs: LOOK_PERIOD_MS };
          },
        };
      },
    },
    deps,
  );
}

async function keepTracking(deps: ControllerDeps, tracking: (ConfigMap & KubeObject) | undefined, signal: AbortSignal): Promise<void> {
  const data = trackingData(tracking, deps.clock.now());
  if (!data) return;
  try {
    if (tracking) await deps.client.update(CONFIG_MAPS, { ...tracking, data }, { signal });
    else await deps.client.create(CONFIG_MAPS, { metadata: TRACKING, data }, { signal });
  } catch (error) {
    // Somebody was faster: the informer brings what is there, and with it this key.
    if (!hasReason(error, 'AlreadyExists', 'Conflict') && !(tracking && isNotFound(error))) throw error;
  }
}

/** One look at all Secrets of tokens. Of pods and accounts only those beside an unused token are read. */
async function look(deps: ControllerDeps, signal: AbortSignal): Promise<void> {
  const mountedOf = new Map<string, ReadonlySet<string>>();
  let next: string | undefined;
  do {
    const page = await deps.client.list(SECRETS, {
      fieldSelector: `type=${TOKEN_SECRET_TYPE}`,
      limit: PAGE,
      ...(next && { continue: next }),
      signal,
    });
    next = page.metadata.continue;
    for (const secret of page.items.filter((item) => isUnused(item, deps.clock.now()))) {
      const { namespace = '' } = secret.metadata;
      const mounted = mountedOf.get(namespace) ?? (await mountedSecrets(deps, namespace, signal));
      mountedOf.set(namespace, mounted);
      const step = unusedTokenStep(secret, { account: await accountFor(deps, secret, signal), mounted }, deps.clock.now());
      if (step !== 'keep') await carryOut(deps, { secret, step }, signal);
    }
  } while (next);
}

async function mountedSecrets(deps: ControllerDeps, namespace: string, signal: AbortSignal): Promise<Set<string>> {
  const { items } = await deps.client.list(PODS, { namespace, signal });
  return new Set(items.flatMap((pod) => [...podReferences(pod).secrets]));
}

async function accountFor(
  deps: ControllerDeps,
  secret: SecretObject,
  signal: AbortSignal,
): Promise<(ServiceAccount & KubeObject) | undefined> {
  try {
    return await deps.client.get(
      SERVICE_ACCOUNTS,
      { namespace: secret.metadata.namespace ?? '', name: accountOf(secret) ?? '' },
      { signal },
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function carryOut(
  deps: ControllerDeps,
  { secret, step }: { secret: SecretObject; step: 'mark' | 'delete' },
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name = '', uid = '', resourceVersion = '', labels } = secret.metadata;
  const now = dayOf(deps.clock.now());
  const fields = { secret: `${namespace}/${name}`, labels };
  try {
    if (step === 'mark') {
      const body = { metadata: { uid, labels: { [INVALID_SINCE_LABEL]: now } } };
      await deps.client.patch(SECRETS, { namespace, name }, { type: 'merge', body }, { signal });
      deps.log.info('unused service account token marked invalid', fields);
    } else {
      await deps.client.delete(SECRETS, { namespace, name }, { preconditions: { uid, resourceVersion }, signal });
      deps.log.info('unused service account token deleted', fields);
    }
  } catch (error) {
    // It went, or was used at this moment: the look of the next day sees.
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
}
