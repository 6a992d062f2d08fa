import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomResourceDefinition } from '../../../../../src/api/types/apiextensions-v1.gen.ts';
import { customResourceDefinitionStrategy } from '../../../../../src/server/registry/strategies/custom-resource-definitions.ts';

function definition(format: string): CustomResourceDefinition {
  const schema = { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', format } } } };
  return {
    metadata: { name: 'things.x.y' },
    spec: {
      group: 'x.y',
      scope: 'Cluster',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
    status: { acceptedNames: { plural: '', kind: '' }, conditions: [], storedVersions: ['v1'] },
  };
}

async function warnings(now: CustomResourceDefinition, old?: CustomResourceDefinition): Promise<string[]> {
  const said: string[] = [];
  const context = { user: { name: 'x', groups: [] }, namespace: '', nowMs: 0, dryRun: false };
  assert.deepEqual(await customResourceDefinitionStrategy.validate?.(now, old, { ...context, warn: (text) => void said.push(text) }), []);
  return said;
}

test('customResourceDefinitionStrategy warns of a format that nobody checks, once', async () => {
  assert.deepEqual(await warnings(definition('date')), []);
  assert.deepEqual(await warnings(definition('odd')), ['unrecognized format "odd"']);
  assert.deepEqual(await warnings(definition('odd'), definition('odd')), []);
  assert.deepEqual(await warnings(definition('strange'), definition('odd')), ['unrecognized format "strange"']);
});
