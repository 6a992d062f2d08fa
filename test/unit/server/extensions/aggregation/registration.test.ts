import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUTOMANAGED_LABEL, localApiService } from '../../../../../src/api/api-services.ts';
import type { KubeObject } from '../../../../../src/api/object.ts';
import { BUILTIN_RESOURCES, builtinResource, type ResourceInfo } from '../../../../../src/api/resources.ts';
import type { APIService } from '../../../../../src/api/types/apiregistration-v1.gen.ts';
import { API_SERVICES } from '../../../../../src/client/resources.ts';
import { apiServiceRegistration } from '../../../../../src/server/extensions/aggregation/registration.ts';
import { registrationStep } from '../../../../../src/server/extensions/aggregation/registration-plan.ts';
import { ControllerWorld } from '../../../../support/controller-world.ts';

const GV = { group: 'example.com', version: 'v1' };
const labelled = (label: string | undefined, priority = 1_000): APIService => ({
  metadata: { name: 'v1.example.com', ...(label !== undefined && { labels: { [AUTOMANAGED_LABEL]: label } }) },
  spec: { ...GV, groupPriorityMinimum: priority, versionPriority: 100 },
});

describe('registrationStep', () => {
  const start = localApiService(GV, 'onstart');
  const always = localApiService(GV, 'true');
  const fresh = { isSettled: false, wasThere: true };
  const later = { isSettled: true, wasThere: false };
  const cases: [string, Parameters<typeof registrationStep>[0], string][] = [
    ['nothing wished and nothing there', { desired: undefined, current: undefined, ...fresh }, 'none'],
    ['a built-in one that is missing at start', { desired: start, current: undefined, ...fresh }, 'create'],
    ['a built-in one that was deleted since', { desired: start, current: undefined, ...later }, 'none'],
    ['a custom one that was deleted since', { desired: always, current: undefined, ...later }, 'create'],
    ['one that somebody else made', { desired: always, current: labelled(undefined, 5), ...fresh }, 'none'],
    ['one of another meaning of the label', { desired: undefined, current: labelled('no'), ...fresh }, 'none'],
    ['a changed built-in one at start', { desired: start, current: labelled('onstart', 5), ...fresh }, 'update'],
    ['a built-in one as it should be', { desired: start, current: labelled('onstart'), ...fresh }, 'none'],
    ['a built-in one changed since', { desired: start, current: labelled('onstart', 5), isSettled: true, wasThere: true }, 'none'],
    ['a custom one changed since', { desired: always, current: labelled('true', 5), ...later }, 'update'],
    ['a custom one that is gone', { desired: undefined, current: labelled('true'), ...later }, 'delete'],
    ['a built-in one of an older version', { desired: undefined, current: labelled('onstart'), ...fresh }, 'delete'],
    ['a label like ours put on later', { desired: undefined, current: labelled('onstart'), isSettled: false, wasThere: false }, 'none'],
  ];
  for (const [title, state, step] of cases) {
    it(`of ${title} is ${step}`, () => assert.equal(registrationStep(state), step));
  }
});

/** Served resources that a test changes. */
class Served {
  #infos: ResourceInfo[];
  #listener = (): void => {};
  constructor(infos: ResourceInfo[]) {
    this.#infos = infos;
  }
  infos(): ResourceInfo[] {
    return this.#infos;
  }
  onChange(listener: () => void): { close(): void } {
    this.#listener = listener;
    return { close: () => {} };
  }
  set(infos: ResourceInfo[]): void {
    this.#infos = infos;
    this.#listener();
  }
}

const custom: ResourceInfo = { ...builtinResource('apps', 'v1', 'deployments'), group: 'example.com', version: 'v1', resource: 'things' };

describe('apiServiceRegistration', () => {
  it('registers the built-in group versions at start and follows custom ones', async () => {
    const world = new ControllerWorld();
    const served = new Served([...BUILTIN_RESOURCES]);
    await world.run((deps) => apiServiceRegistration(served, deps));
    const names = async (): Promise<string[]> => (await world.all(API_SERVICES)).map(({ metadata }) => metadata.name ?? '');
    const builtin = await names();
    assert.ok(builtin.includes('v1.') && builtin.includes('v1.apps') && builtin.includes('v2.autoscaling'));
    assert.ok(!builtin.includes('v1.apiregistration.k8s.io'));

    served.set([...BUILTIN_RESOURCES, custom]);
    await world.settle();
    const made = await world.get(API_SERVICES, 'v1.example.com');
    assert.deepEqual(made?.metadata.labels, { [AUTOMANAGED_LABEL]: 'true' });
    assert.deepEqual(made?.spec, { ...GV, groupPriorityMinimum: 1_000, versionPriority: 100 });

    await world.client.delete(API_SERVICES, { namespace: '', name: 'v1.example.com' });
    await world.client.delete(API_SERVICES, { namespace: '', name: 'v1.apps' });
    await world.settle();
    assert.ok(await world.get(API_SERVICES, 'v1.example.com'), 'a custom one comes back');
    assert.equal(await world.get(API_SERVICES, 'v1.apps'), undefined, 'a built-in one stays away until the next start');

    served.set([...BUILTIN_RESOURCES]);
    await world.settle();
    assert.equal(await world.get(API_SERVICES, 'v1.example.com'), undefined);
    await world.stop();
    assert.deepEqual(world.errors, []);
  });

  it('leaves alone what an operator made and makes right what it made itself before', async () => {
    const world = new ControllerWorld();
    const own: APIService & KubeObject = labelled(undefined, 7);
    await world.create(API_SERVICES, own);
    const old = localApiService({ group: 'apps', version: 'v1' }, 'onstart');
    await world.create(API_SERVICES, { ...old, spec: { ...old.spec, versionPriority: 3 } });
    await world.run((deps) => apiServiceRegistration(new Served([...BUILTIN_RESOURCES, custom]), deps));
    assert.equal((await world.get(API_SERVICES, 'v1.example.com'))?.spec.groupPriorityMinimum, 7);
    assert.equal((await world.get(API_SERVICES, 'v1.apps'))?.spec.versionPriority, 15);
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
});
