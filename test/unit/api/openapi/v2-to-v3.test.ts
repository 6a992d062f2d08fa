// OpenAPI v2 documents as version 3.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApiV3OfV2 } from '../../../../src/api/openapi/v2-to-v3.ts';

const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
const moved = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('openApiV3OfV2', () => {
  it('puts bodies and answers into contents, and the types of parameters into schemas', () => {
    const operation = {
      operationId: 'create',
      tags: ['a'],
      schemes: ['https'],
      consumes: ['application/json', 'application/yaml'],
      produces: ['application/json'],
      parameters: [
        { name: 'body', in: 'body', required: true, schema: ref('A') },
        { name: 'pretty', in: 'query', type: 'string', uniqueItems: true, description: 'indent' },
        { name: 'file', in: 'formData', type: 'file' },
      ],
      responses: { 200: { description: 'OK', schema: ref('A') }, 401: { description: 'Unauthorized' } },
      'x-kubernetes-action': 'post',
    };
    const path = { post: operation, parameters: [{ name: 'name', in: 'path', required: true, type: 'string' }] };
    assert.deepEqual(openApiV3OfV2({ swagger: '2.0', info: { title: 't' }, paths: { '/a': path } }), {
      openapi: '3.0.0',
      info: { title: 't' },
      paths: {
        '/a': {
          post: {
            operationId: 'create',
            tags: ['a'],
            'x-kubernetes-action': 'post',
            parameters: [{ name: 'pretty', in: 'query', description: 'indent', schema: { type: 'string', uniqueItems: true } }],
            requestBody: {
              content: { 'application/json': { schema: moved('A') }, 'application/yaml': { schema: moved('A') } },
              required: true,
            },
            responses: {
              200: { description: 'OK', content: { 'application/json': { schema: moved('A') } } },
              401: { description: 'Unauthorized' },
            },
          },
          parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
        },
      },
      components: { schemas: {} },
    });
  });

  it('takes media types from the document where an operation names none', () => {
    const get = { responses: { default: { schema: { type: 'string' } } } };
    const { paths } = openApiV3OfV2({ produces: ['text/plain'], paths: { '/a': { get } } });
    assert.deepEqual(paths, {
      '/a': { get: { responses: { default: { description: '', content: { 'text/plain': { schema: { type: 'string' } } } } } } },
    });
  });

  it('leads references elsewhere, at every depth, and keeps what stands beside them', () => {
    const definitions = {
      A: {
        type: 'object',
        properties: {
          plain: ref('B'),
          told: { ...ref('B'), description: 'b', default: {} },
          $ref: { type: 'string' },
          other: { $ref: 'https://x' },
        },
        additionalProperties: ref('B'),
        'x-kubernetes-group-version-kind': [{ group: 'g', kind: 'A', version: 'v1' }],
      },
      B: { type: 'array', items: ref('A') },
      C: { allOf: [ref('A'), { type: 'object' }] },
    };
    const { components } = openApiV3OfV2({ definitions });
    assert.deepEqual((components as { schemas: object }).schemas, {
      A: {
        type: 'object',
        properties: {
          plain: moved('B'),
          told: { description: 'b', default: {}, allOf: [moved('B')] },
          $ref: { type: 'string' },
          other: { $ref: 'https://x' },
        },
        additionalProperties: moved('B'),
        'x-kubernetes-group-version-kind': [{ group: 'g', kind: 'A', version: 'v1' }],
      },
      B: { type: 'array', items: moved('A') },
      C: { allOf: [moved('A'), { type: 'object' }] },
    });
  });

  it('knows the ways to authenticate', () => {
    const securityDefinitions = {
      token: { type: 'apiKey', name: 'authorization', in: 'header', description: 'bearer' },
      basic: { type: 'basic' },
      flow: { type: 'oauth2', flow: 'accessCode', authorizationUrl: 'https://a', tokenUrl: 'https://t', scopes: { s: 'all' } },
    };
    assert.deepEqual(openApiV3OfV2({ securityDefinitions })['components'], {
      schemas: {},
      securitySchemes: {
        token: { type: 'apiKey', name: 'authorization', in: 'header', description: 'bearer' },
        basic: { type: 'http', scheme: 'basic' },
        flow: {
          type: 'oauth2',
          flows: { authorizationCode: { authorizationUrl: 'https://a', tokenUrl: 'https://t', scopes: { s: 'all' } } },
        },
      },
    });
  });

  for (const document of [
    {},
    { paths: [], definitions: 'x' },
    { paths: { '/a': { get: null, post: { parameters: 'x', responses: [] } } } },
  ]) {
    it(`makes something of ${JSON.stringify(document)}`, () => assert.equal(openApiV3OfV2(document)['openapi'], '3.0.0'));
  }
});
