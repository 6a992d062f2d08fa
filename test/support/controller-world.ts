// A cluster in memory for tests of controllers: the fake API, informers over it, a clock that the test moves.

import assert from 'node:assert/strict';
import type { KubeObject } from '../../src/api/object.ts';
import { BUILTIN_RESOURCES } from '../../src/api/resources.ts';
import type { Component } from '../../src/base/component.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import type { TypedResource } from '../../src/client/client.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import type { ControllerManagerDeps } from '../../src/server/controllers/controller.ts';
import { FakeApi } from './fake-api.ts';
import { FakeClock } from './fake-clock.ts';

/** The world of one test. `settle` lets everything that is due happen. */
export class ControllerWorld {
  readonly clock = new FakeClock();
  readonly api = new FakeApi(this.clock);
  readonly client = new LocalClient(this.api, { name: 'system:admin', groups: ['system:masters'] });
  readonly informers = new SharedInformerFactory({ client: this.client, clock: this.clock, log: silentLogger });
  /** Events as `reason message`, with the name of the object. */
  readonly events: string[] = [];
  /** Lines of level error: bugs. */
  readonly errors: string[] = [];
  readonly deps: ControllerManagerDeps;
  #controller: Component | undefined;

  constructor() {
    const log: Logger = {
      ...silentLogger,
      error: (message, fields) => void this.errors.push(`${message} ${String(fields?.['error'])}`),
      child: () => log,
    };
    const recorder = () => ({
      event: (subject: KubeObject | { object: KubeObject }, _: string, reason: string, message: string) => {
        const object = 'object' in subject ? subject.object : subject;
        this.events.push(`${object.metadata.name}: ${reason} ${message}`);
      },
    });
    const { client, informers, clock } = this;
    this.deps = {
      client,
      informers,
      recorder,
      clock,
      log,
      resources: () => BUILTIN_RESOURCES,
      extensions: () => ({ resources: [], unreachable: [] }),
      onResourcesChange: () => ({ close: () => {} }),
      rootCa: 'CA',
      clusterCidrs: ['10.42.0.0/16'],
      issueSecretToken: ({ namespace, serviceAccount, secret }) => `${namespace}/${serviceAccount.name}/${secret}`,
    };
  }

  /** Starts the controller and lets it see what is there. */
  async run(make: (deps: ControllerManagerDeps) => Component): Promise<void> {
    this.#controller = make(this.deps);
    await this.#controller.start();
    await this.settle();
  }

  /** Moves time on by `ms` and lets promises run until the world is quiet. */
  async settle(ms = 0): Promise<void> {
    await this.clock.advance(ms);
    for (let round = 0; round < 20; round++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Creates an object; its namespace need not exist. */
  async create<T extends KubeObject>(resource: TypedResource<T>, object: NoInfer<T>): Promise<T> {
    return await this.client.create<T, T>(resource, object);
  }

  /** The object, or `undefined`. Key as in listers. */
  async get<T extends KubeObject>(resource: TypedResource<T>, key: string): Promise<T | undefined> {
    const list = await this.client.list(resource);
    return list.items.find(({ metadata }) => (metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name) === key);
  }

  /** All objects of a resource. */
  async all<T extends KubeObject>(resource: TypedResource<T>): Promise<T[]> {
    return (await this.client.list(resource)).items;
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
    await this.informers.stop();
  }
}

/** Gives a test a world of its own, and demands afterwards that no controller reported an error. */
export async function inWorld(use: (world: ControllerWorld) => Promise<void>): Promise<void> {
  const world = new ControllerWorld();
  try {
    await use(world);
    assert.deepEqual(world.errors, []);
  } finally {
    await world.stop();
  }
}
