// OpenAPI v2 (Swagger): one document over everything, for clients older than version 3.

import type { JsonObject } from './definitions.ts';
import { type DocumentParts, documentParts, type OpenApiInput } from './document.ts';
import { type Operation, parameterType } from './operations.ts';

/** The document. It is large (megabytes of JSON): make its bytes once and drop it. */
export function openApiV2(input: OpenApiInput): JsonObject {
  const parts = documentParts(input, 'v2');
  const paths: Record<string, JsonObject> = {};
  for (const operation of parts.operations) {
    paths[operation.path] ??= { parameters: pathParameters(operation.path) };
    Object.assign(paths[operation.path] ?? {}, { [operation.method]: describe(operation, parts) });
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: input.version },
    paths,
    definitions: parts.definitions,
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, type: 'string', uniqueItems: true }));
}

function describe(operation: Operation, { schemaOf }: DocumentParts): JsonObject {
  const { body, gvk } = operation;
  const query = operation.query.map((name) => ({ name, in: 'query', type: parameterType(name), uniqueItems: true }));
  const answer = schemaOf(operation.response);
  return {
    consumes: operation.consumes,
    produces: operation.produces,
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    parameters:
      body === undefined
        ? query
        : [{ name: 'body', in: 'body', ...(body !== 'DeleteOptions' && { required: true }), schema: schemaOf(body) }, ...query],
    responses: {
      ...Object.fromEntries(operation.codes.map((code) => [code, { description: DESCRIPTIONS[code], schema: answer }])),
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': { group: gvk.group, kind: gvk.kind, version: gvk.version },
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = { '200': 'OK', '201': 'Created', '202': 'Accepted' };
