// OpenAPI v3: one document per group version, built when asked for, and the index of them.

import { createHash } from 'node:crypto';
import { type GroupVersion, groupVersionString } from '../resources.ts';
import type { JsonObject } from './definitions.ts';
import { type DocumentParts, documentParts, type OpenApiInput } from './document.ts';
import { type Operation, parameterType } from './operations.ts';

/** The path of a group version below `/openapi/v3/`: `api/v1`, `apis/apps/v1`. */
export function openApiV3Path(gv: GroupVersion): string {
  return gv.group === '' ? `api/${gv.version}` : `apis/${groupVersionString(gv)}`;
}

/** What stands in the index for a document: clients cache the document by this. */
export function openApiHash(document: string): string {
  return createHash('sha512').update(document).digest('hex').toUpperCase();
}

/** Where the document of a path is served, in the state that has this hash. */
export function openApiV3Url(path: string, hash: string): string {
  return `/openapi/v3/${path}?hash=${hash}`;
}

/** GET /openapi/v3. `urls` holds where each document is, by its path. */
export function openApiV3Index(urls: ReadonlyMap<string, string>): JsonObject {
  return { paths: Object.fromEntries([...urls].map(([path, url]) => [path, { serverRelativeURL: url }])) };
}

/** The document of one group version; `input.resources` are those of it. */
export function openApiV3(input: OpenApiInput): JsonObject {
  const parts = documentParts(input, 'v3');
  const paths: Record<string, JsonObject> = {};
  for (const operation of parts.operations) {
    paths[operation.path] ??= { parameters: pathParameters(operation.path) };
    Object.assign(paths[operation.path] ?? {}, { [operation.method]: describe(operation, parts) });
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: input.version },
    paths,
    components: {
      schemas: parts.definitions,
      securitySchemes: { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } },
    },
  };
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }));
}

function describe(operation: Operation, { schemaOf }: DocumentParts): JsonObject {
  const { body, gvk } = operation;
  const content = (types: readonly string[], schema: JsonObject): JsonObject => Object.fromEntries(types.map((type) => [type, { schema }]));
  const answer = content(operation.produces, schemaOf(operation.response));
  return {
    tags: [operation.tag],
    operationId: operation.id,
    parameters: operation.query.map((name) => ({ name, in: 'query', schema: { type: parameterType(name), uniqueItems: true } })),
    ...(body !== undefined && {
      requestBody: { content: content(operation.consumes, schemaOf(body)), ...(body !== 'DeleteOptions' && { required: true }) },
    }),
    responses: {
      ...Object.fromEntries(operation.codes.map((code) => [code, { description: DESCRIPTIONS[code], content: answer }])),
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': { group: gvk.group, kind: gvk.kind, version: gvk.version },
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = { '200': 'OK', '201': 'Created', '202': 'Accepted' };
