import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionDiscovery } from '../../../src/api/discovery-conversion.ts';

const entry = (name: string, more: object = {}) => ({ name, singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'], ...more });

test('versionDiscovery puts sub-resources under their resource, in whatever order they come', () => {
  const list = {
    groupVersion: 'example.com/v1',
    resources: [
      entry('things/scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' }),
      entry('things', { singularName: 'thing', shortNames: ['th'], categories: ['all'] }),
      entry('others', { namespaced: false, kind: 'Other' }),
    ],
  };
  assert.deepEqual(versionDiscovery('v1', list), {
    version: 'v1',
    freshness: 'Current',
    resources: [
      {
        resource: 'things',
        responseKind: { group: 'example.com', version: 'v1', kind: 'Thing' },
        scope: 'Namespaced',
        singularResource: 'thing',
        verbs: ['get'],
        shortNames: ['th'],
        categories: ['all'],
        subresources: [{ subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get'] }],
      },
      {
        resource: 'others',
        responseKind: { group: 'example.com', version: 'v1', kind: 'Other' },
        scope: 'Cluster',
        singularResource: '',
        verbs: ['get'],
      },
    ],
  });
});
