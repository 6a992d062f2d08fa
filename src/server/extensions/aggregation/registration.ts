// Keeps an APIService for every group version that this server serves itself: the built-in ones, and those of custom resources as they
// come and go. Upstream's autoregister controller.

import { apiServiceName, localApiService } from '../../../api/api-services.ts';
import { type KubeObject, nameOf } from '../../../api/object.ts';
import { BUILTIN_RESOURCES, type GroupVersion, type ResourceInfo } from '../../../api/resources.ts';
import { isAlreadyExists, isNotFound } from '../../../api/status-error.ts';
import type { APIService } from '../../../api/types/apiregistration-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Component } from '../../../base/component.ts';
import type { Logger } from '../../../base/log.ts';
import type { Client } from '../../../client/client.ts';
import { ControllerLoop, type LoopSource, type LoopWork, source } from '../../../client/controller-loop.ts';
import type { InformerFactory, Lister } from '../../../client/informer.ts';
import { API_SERVICES } from '../../../client/resources.ts';
import { registrationStep } from './registration-plan.ts';

/** What is served right now. */
export interface ServedResources {
  infos(): ResourceInfo[];
  onChange(listener: () => void): { close(): void };
}

/** What the controller works with. */
export interface RegistrationDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The one group that its own server, the aggregator, does not register. */
const AGGREGATORS_GROUP = 'apiregistration.k8s.io';

const BUILTIN_NAMES: ReadonlySet<string> = new Set(BUILTIN_RESOURCES.map(apiServiceName));

/** The controller. Its keys are names of APIServices. To be started when the custom resources are known. */
export function apiServiceRegistration(served: ServedResources, deps: RegistrationDeps): Component {
  const setup = (): LoopWork => {
    const registration = new Registration(served, deps);
    const services = deps.informers.informer(API_SERVICES);
    return {
      sources: [source(services), registration.source],
      reconcile: async (name, signal) => {
        await registration.reconcile(name, services.lister, signal);
        return undefined;
      },
      onSynced: () => registration.noteStart(services.lister),
    };
  };
  return new ControllerLoop({ name: 'apiservice-registration', workers: 1, setup }, deps);
}

/** The state of the controller: what is to be there, and what has been done since the start. */
class Registration {
  readonly #served: ServedResources;
  readonly #client: Client;
  /** By name; as many as group versions are served. */
  #desired = new Map<string, APIService>();
  readonly #settled = new Set<string>();
  #there: ReadonlySet<string> = new Set();

  constructor(served: ServedResources, deps: Pick<RegistrationDeps, 'client'>) {
    this.#served = served;
    this.#client = deps.client;
  }

  /** Keys of what has come or gone. */
  readonly source: LoopSource = {
    synced: async () => {},
    subscribe: (queue) => {
      const refresh = (): void => {
        for (const name of this.#refresh()) queue.add(name);
      };
      const subscription = this.#served.onChange(refresh);
      refresh();
      return () => subscription.close();
    },
  };

  noteStart(lister: Lister<APIService & KubeObject>): void {
    this.#there = new Set(lister.list().map(({ metadata }) => metadata.name ?? ''));
  }

  async reconcile(name: string, lister: Lister<APIService & KubeObject>, signal: AbortSignal): Promise<void> {
    const desired = this.#desired.get(name);
    const current = lister.get(name);
    const step = registrationStep({ desired, current, isSettled: this.#settled.has(name), wasThere: this.#there.has(name) });
    if (step === 'create' && desired) await this.#create(desired, signal);
    else if (step === 'update' && desired && current)
      await this.#client.update(API_SERVICES, { ...current, spec: desired.spec }, { signal });
    else if (step === 'delete') await this.#delete(name, current, signal);
    this.#settled.add(name);
  }

  async #create(desired: APIService, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.create(API_SERVICES, desired, { signal });
    } catch (error) {
      // The informer is behind; the change it brings is the next key.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #delete(name: string, current: APIService | undefined, signal: AbortSignal): Promise<void> {
    const { uid = '' } = current?.metadata ?? {};
    try {
      await this.#client.delete(API_SERVICES, nameOf(name), { preconditions: { uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Takes what is served now; returns the names whose wish has changed. */
  #refresh(): string[] {
    const next = new Map<string, APIService>();
    for (const { group, version } of this.#served.infos()) {
      if (group === AGGREGATORS_GROUP) continue;
      const gv: GroupVersion = { group, version };
      const name = apiServiceName(gv);
      if (!next.has(name)) next.set(name, this.#desired.get(name) ?? localApiService(gv, BUILTIN_NAMES.has(name) ? 'onstart' : 'true'));
    }
    const changed = [...next.keys(), ...this.#desired.keys()].filter((name) => next.has(name) !== this.#desired.has(name));
    this.#desired = next;
    return changed;
  }
}
