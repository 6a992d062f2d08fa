// Keeps the condition Available of APIServices: local ones always are, remote ones when their server answers. Looks again at remote ones
// at intervals and when their Service or its endpoints change; without remote ones there is nothing to do.

import { type Availability, isAvailable, LOCALLY_AVAILABLE, withAvailability } from '../../../api/api-services.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { APIService } from '../../../api/types/apiregistration-v1.gen.ts';
import { type Clock, rfc3339 } from '../../../base/clock.ts';
import type { Component } from '../../../base/component.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Client } from '../../../client/client.ts';
import { ControllerLoop, type LoopWork, source } from '../../../client/controller-loop.ts';
import type { Change, InformerFactory, Lister } from '../../../client/informer.ts';
import type { ReconcileResult } from '../../../client/reconciler.ts';
import { API_SERVICES, ENDPOINT_SLICES, SERVICES } from '../../../client/resources.ts';
import { failedDiscovery, PASSED, RECHECK_MS, retryAfter, serviceFault } from './availability-plan.ts';
import type { RemoteClient } from './remote-client.ts';
import { groupVersionPath, type RemoteService, remoteService } from './remote-service.ts';

/** What the controller works with. */
export interface AvailabilityDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly remote: Pick<RemoteClient, 'document'>;
  /** Told of each look at a remote server; the controller goes on when it is done. */
  readonly onChecked: (remote: RemoteService, passed: boolean, signal: AbortSignal) => Promise<void>;
}

/** Who asks extension API servers on behalf of the cluster. */
export const AGGREGATOR_USER: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** A server that answers later than this is not available. */
const CHECK_MS = 5_000;
/** One answer suffices, from whichever endpoint: so many are asked before it counts as failed. */
const ATTEMPTS = 5;

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const BY_SERVICE = 'aggregation.service';

/** The controller. Its keys are names of APIServices. */
export function apiServiceAvailability(deps: AvailabilityDeps): Component {
  const setup = (): LoopWork => {
    const services = deps.informers.informer(API_SERVICES, {
      indexers: { [BY_SERVICE]: ({ spec }) => (spec.service ? [`${spec.service.namespace}/${spec.service.name}`] : []) },
    });
    const backing = deps.informers.informer(SERVICES);
    const slices = deps.informers.informer(ENDPOINT_SLICES, {
      indexers: { [BY_SERVICE]: ({ metadata }) => [`${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL]}`] },
    });
    const namesOf = (service: string): string[] => services.lister.byIndex(BY_SERVICE, service).map(({ metadata }) => metadata.name ?? '');
    const checks = new Checks(deps, services.lister, (remote) => {
      const key = `${remote.service.namespace}/${remote.service.name}`;
      return serviceFault(remote.service, backing.lister.get(key), slices.lister.byIndex(BY_SERVICE, key));
    });
    return {
      sources: [
        source(services, keysOfChange),
        source(backing, ({ object: { metadata } }) => namesOf(`${metadata.namespace}/${metadata.name}`)),
        source(slices, ({ object: { metadata } }) => namesOf(`${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL]}`)),
      ],
      reconcile: (name, signal) => checks.reconcile(name, signal),
    };
  };
  return new ControllerLoop({ name: 'apiservice-availability', setup }, deps);
}

/** A remote one that only says more of its status was written here: no reason to ask its server again. */
function keysOfChange({ object, old }: Change<APIService & KubeObject>): readonly string[] {
  const isSame =
    old !== undefined &&
    object.spec.service !== undefined &&
    isAvailable(old) === isAvailable(object) &&
    JSON.stringify(old.spec) === JSON.stringify(object.spec);
  return isSame ? [] : [object.metadata.name ?? ''];
}

/** The checks of one controller. */
class Checks {
  readonly #deps: AvailabilityDeps;
  readonly #services: Lister<APIService & KubeObject>;
  readonly #faultOf: (remote: RemoteService) => Availability | undefined;
  /** Failures in a row by name; of APIServices that are there. */
  readonly #failures = new Map<string, number>();

  constructor(
    deps: AvailabilityDeps,
    services: Lister<APIService & KubeObject>,
    faultOf: (remote: RemoteService) => Availability | undefined,
  ) {
    this.#deps = deps;
    this.#services = services;
    this.#faultOf = faultOf;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const object = this.#services.get(name);
    const remote = object && remoteService(object);
    if (!object || !remote) {
      this.#failures.delete(name);
      if (object) await this.#write(object, LOCALLY_AVAILABLE, signal);
      return undefined;
    }
    const found = this.#faultOf(remote) ?? (await this.#ask(remote, signal));
    await this.#deps.onChecked(remote, found === PASSED, signal);
    await this.#write(object, found, signal);
    const failures = found === PASSED ? 0 : (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, failures);
    return { requeueAfterMs: failures === 0 ? RECHECK_MS : retryAfter(failures) };
  }

  async #ask(remote: RemoteService, signal: AbortSignal): Promise<Availability> {
    const first = await this.#askOnce(remote, signal);
    if (first === undefined) return PASSED;
    const others = await Promise.all(Array.from({ length: ATTEMPTS - 1 }, () => this.#askOnce(remote, signal)));
    return others.includes(undefined) ? PASSED : failedDiscovery(others.at(-1) ?? first);
  }

  /** What is wrong with the answer for the discovery document; undefined = nothing. */
  async #askOnce(remote: RemoteService, signal: AbortSignal): Promise<string | undefined> {
    const path = groupVersionPath(remote);
    try {
      const { url, code } = await this.#deps.remote.document(remote, {
        path,
        user: AGGREGATOR_USER,
        timeoutMs: CHECK_MS,
        trust: 'anybody',
        signal,
      });
      return code >= 200 && code < 300 ? undefined : `failing or missing response from ${url}: bad status from ${url}: ${code}`;
    } catch (error) {
      signal.throwIfAborted();
      return messageOf(error);
    }
  }

  async #write(object: APIService & KubeObject, found: Availability, signal: AbortSignal): Promise<void> {
    const status = withAvailability(object.status, found, rfc3339(this.#deps.clock.now()));
    if (!status) return;
    this.#deps.log.info('availability of an api service changed', { name: object.metadata.name ?? '', reason: found.reason });
    await this.#deps.client.update(API_SERVICES, { ...object, status }, { subresource: 'status', signal });
  }
}
