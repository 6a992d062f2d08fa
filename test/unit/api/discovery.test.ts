import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from '../../../src/api/codec/protobuf.ts';
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  storageVersionHash,
} from '../../../src/api/discovery.ts';
import { BUILTIN_RESOURCES, builtinResource } from '../../../src/api/resources.ts';
import { builtinSchema } from '../../../src/api/schema/schema.ts';

test('storageVersionHash is what stock servers show', () => {
  assert.equal(storageVersionHash(builtinResource('', 'v1', 'pods')), 'xPOwRZ+Yhw8=');
  assert.equal(storageVersionHash(builtinResource('apps', 'v1', 'deployments')), '8aSe+NMegvE=');
  assert.equal(storageVersionHash(builtinResource('autoscaling', 'v1', 'horizontalpodautoscalers')), 'qwQve8ut294=');
  assert.equal(storageVersionHash(builtinResource('events.k8s.io', 'v1', 'events')), 'r2yiGXH7wu8=');
});

test('apiGroupList lists groups in order with the preferred version first', () => {
  const list = apiGroupList(BUILTIN_RESOURCES);
  assert.deepEqual(
    list.groups.slice(0, 3).map((group) => group.name),
    ['apiregistration.k8s.io', 'apps', 'events.k8s.io'],
  );
  assert.deepEqual(apiGroup(BUILTIN_RESOURCES, 'autoscaling'), {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: 'autoscaling',
    versions: [
      { groupVersion: 'autoscaling/v2', version: 'v2' },
      { groupVersion: 'autoscaling/v1', version: 'v1' },
    ],
    preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
  });
  assert.equal(apiGroup(BUILTIN_RESOURCES, 'nope'), undefined);
  assert.deepEqual(apiVersions('1.2.3.4:6443').versions, ['v1']);
});

test('apiResourceList names resources and sub-resources', () => {
  const core = apiResourceList(BUILTIN_RESOURCES, { group: '', version: 'v1' });
  assert.equal(core.groupVersion, 'v1');
  const pods = core.resources.find(({ name }) => name === 'pods');
  assert.deepEqual(pods, {
    name: 'pods',
    singularName: 'pod',
    namespaced: true,
    kind: 'Pod',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['po'],
    categories: ['all'],
    storageVersionHash: 'xPOwRZ+Yhw8=',
  });
  const eviction = core.resources.find(({ name }) => name === 'pods/eviction');
  assert.deepEqual(eviction, {
    name: 'pods/eviction',
    singularName: '',
    namespaced: true,
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
  });
  assert.equal(core.resources.find(({ name }) => name === 'bindings')?.storageVersionHash, undefined);
});

test('apiGroupList puts the group of devices before flow control', () => {
  const names = apiGroupList(BUILTIN_RESOURCES).groups.map(({ name }) => name);
  assert.ok(names.indexOf('resource.k8s.io') < names.indexOf('flowcontrol.apiserver.k8s.io'));
});

test('aggregatedDiscovery lists sub-resources by name', () => {
  const apps = aggregatedDiscovery(BUILTIN_RESOURCES, 'groups').items?.find(({ metadata }) => metadata?.name === 'apps');
  const deployments = apps?.versions?.[0]?.resources?.find(({ resource }) => resource === 'deployments');
  assert.deepEqual(
    deployments?.subresources?.map(({ subresource }) => subresource),
    ['scale', 'status'],
  );
});

test('aggregatedDiscovery holds every group once and fits its message', () => {
  const message = builtinSchema().message('io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList');
  assert.ok(message);
  const core = aggregatedDiscovery(BUILTIN_RESOURCES, 'core');
  assert.equal(core.items.length, 1);
  assert.equal(core.items[0]?.metadata?.name, undefined);
  const groups = aggregatedDiscovery(BUILTIN_RESOURCES, 'groups');
  assert.equal(groups.items.length, apiGroupList(BUILTIN_RESOURCES).groups.length);
  const deployments = groups.items
    .find(({ metadata }) => metadata?.name === 'apps')
    ?.versions?.[0]?.resources?.find(({ resource }) => resource === 'deployments');
  assert.deepEqual(deployments?.responseKind, { group: '', version: '', kind: 'Deployment' });
  assert.deepEqual(deployments?.subresources?.find(({ subresource }) => subresource === 'scale')?.responseKind, {
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
  });
  assert.ok(encodeMessage(groups, message).length > 1000);
});
