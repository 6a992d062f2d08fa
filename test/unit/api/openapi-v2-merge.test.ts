import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergedOpenApiV2, partOfOpenApiV2 } from '../../../src/api/openapi/v2-merge.ts';

const reference = (name: string) => ({ $ref: `#/definitions/${name}` });

describe('partOfOpenApiV2', () => {
  it('takes the paths under the prefix, the definitions they need, and puts shared parameters in place', () => {
    const part = partOfOpenApiV2(
      {
        paths: {
          '/apis/a/v1': { get: { schema: reference('A') } },
          '/apis/a/v1/x': { parameters: [{ $ref: '#/parameters/p' }] },
          '/apis/a/v11': {},
        },
        parameters: { p: { name: 'p' } },
        definitions: { A: { properties: { b: reference('B') } }, B: { items: reference('A') }, C: {} },
      },
      '/apis/a/v1',
    );
    assert.deepEqual(part, {
      paths: { '/apis/a/v1': { get: { schema: reference('A') } }, '/apis/a/v1/x': { parameters: [{ name: 'p' }] } },
      definitions: { A: { properties: { b: reference('B') } }, B: { items: reference('A') } },
    });
  });
});

describe('mergedOpenApiV2', () => {
  const own = {
    swagger: '2.0',
    paths: { '/a': { get: 1 } },
    definitions: { Meta: { type: 'object', properties: { x: { type: 'string' } } } },
  };

  it('is the own document when there are no others', () => {
    assert.equal(mergedOpenApiV2(own, []), own);
  });

  it('shares a definition that says the same, whatever its kinds and its description', () => {
    const Meta = { properties: { x: { type: 'string' } }, type: 'object', description: 'other', 'x-kubernetes-group-version-kind': [] };
    const merged = mergedOpenApiV2(own, [{ paths: { '/b': { schema: reference('Meta') } }, definitions: { Meta } }]);
    assert.deepEqual(merged['definitions'], own.definitions);
    assert.deepEqual(merged['paths'], { '/a': { get: 1 }, '/b': { schema: reference('Meta') } });
  });

  it('numbers a definition of the same name that says something else, and what refers to it', () => {
    const other = { paths: { '/b': { schema: reference('Meta') } }, definitions: { Meta: { type: 'array', items: reference('Meta') } } };
    const merged = mergedOpenApiV2(own, [other, other]);
    assert.deepEqual(merged['definitions'], { ...own.definitions, Meta_v2: { type: 'array', items: reference('Meta_v2') } });
    assert.deepEqual(merged['paths'], { '/a': { get: 1 }, '/b': { schema: reference('Meta_v2') } });
  });

  it('keeps the own path when another has it, too', () => {
    const merged = mergedOpenApiV2(own, [{ paths: { '/a': { get: 2 } }, definitions: {} }]);
    assert.deepEqual(merged['paths'], own.paths);
  });
});
