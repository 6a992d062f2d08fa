// Requests for the fuzz run: sound ones of every resource and verb, and what becomes of them when something is changed by chance.

import { decodeObject } from '../../src/api/codec/decode.ts';
import { encodeEnvelope } from '../../src/api/codec/protobuf.ts';
import { BUILTIN_RESOURCES, groupVersionString, type ResourceInfo } from '../../src/api/resources.ts';
import { builtinSchema } from '../../src/api/schema/schema.ts';
import type { Random } from '../support/random.ts';
import { randomObject } from '../support/random-objects.ts';
import { soundObject } from '../support/sound-objects.ts';
import { mutatedJson, mutatedText } from './mutations.ts';

/** One request. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** A namespace that the run makes for itself. */
export const FUZZ_NAMESPACE = 'fuzz';

const NAMESPACES = ['default', FUZZ_NAMESPACE, 'default'];
const NAMES = Array.from({ length: 5 }, (_, n) => `n${n}`);
const OTHER_PATHS = [
  '/',
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps/v1',
  '/openapi/v2',
  '/openapi/v3',
  '/version',
  '/healthz',
  '/readyz?verbose',
  '/metrics',
  '/logs',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
];
/** Webhooks and policies that were taken would refuse, change or delay every request after them: they have tests of their own. */
const FUZZED = BUILTIN_RESOURCES.filter(({ group }) => group !== 'admissionregistration.k8s.io');
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const ACCEPTS = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf,application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/cbor',
  '*/*',
  'text/html;q=0.9,*/*;q=0.1',
];
const QUERY: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['limit', ['1', '3', '0', '-1', 'x', '99999999999']],
  ['continue', ['', 'x', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0', 'e30']],
  ['resourceVersion', ['', '0', '1', '5', '999999999999', 'abc', '-3']],
  ['resourceVersionMatch', ['Exact', 'NotOlderThan', 'Near']],
  ['labelSelector', ['a=b', 'a in (b,c)', '!a', 'a,b!=c', 'a>', '(', 'app=web', 'a in ()']],
  ['fieldSelector', ['metadata.name=n1', 'spec.nodeName=', 'status.phase!=Running', 'x=y', 'metadata.namespace=default', '=']],
  ['watch', ['1', 'true', 'false', '']],
  ['timeoutSeconds', ['1', '0', '-1', 'x']],
  ['allowWatchBookmarks', ['true']],
  ['sendInitialEvents', ['true', 'false']],
  ['dryRun', ['All', 'Some', '']],
  ['fieldManager', ['me', '', 'x'.repeat(200), 'a\u0001']],
  ['fieldValidation', ['Strict', 'Warn', 'Ignore', 'Odd']],
  ['force', ['true', 'false']],
  ['gracePeriodSeconds', ['0', '30', '-1', 'x']],
  ['propagationPolicy', ['Orphan', 'Background', 'Foreground', 'Odd']],
  ['orphanDependents', ['true', 'false']],
  ['pretty', ['true', '1']],
  ['timeout', ['1s', '0', 'x', '1h']],
  ['includeObject', ['None', 'Metadata', 'Object', 'Odd']],
  ['container', ['a']],
  ['command', ['sh']],
  ['stdout', ['true']],
];

/** Makes requests; the same random choices make the same ones. */
export class RequestMaker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next request. */
  next(): FuzzRequest {
    const random = this.#random;
    if (random.chance(0.03)) return this.#changed({ method: 'GET', path: random.pick(OTHER_PATHS), headers: {}, body: undefined });
    const info = random.pick(FUZZED);
    const request = this.#sound(info);
    return random.chance(0.55) ? this.#changed(request) : request;
  }

  #sound(info: ResourceInfo): FuzzRequest {
    const random = this.#random;
    const namespace = random.pick(NAMESPACES);
    const collection = collectionPath(info, random.chance(0.9) ? namespace : '');
    const name = random.pick(NAMES);
    const accept: Record<string, string> = random.chance(0.3) ? { accept: random.pick(ACCEPTS) } : {};
    const verb = random.pick([
      'create',
      'create',
      'create',
      'get',
      'list',
      'watch',
      'update',
      'patch',
      'patch',
      'apply',
      'delete',
      'deletecollection',
      'sub',
      'sub',
    ]);
    const one = `${collection}/${name}`;
    switch (verb) {
      case 'get':
        return { method: 'GET', path: one, headers: accept, body: undefined };
      case 'list':
        return { method: 'GET', path: withQuery(collection, this.#query(0.3)), headers: accept, body: undefined };
      case 'watch':
        return {
          method: 'GET',
          path: withQuery(collection, ['watch=1', 'timeoutSeconds=1', ...this.#query(0.1)]),
          headers: accept,
          body: undefined,
        };
      case 'delete':
        return {
          method: 'DELETE',
          path: one,
          headers: accept,
          body: random.chance(0.3) ? json({ kind: 'DeleteOptions', apiVersion: 'v1' }) : undefined,
        };
      case 'deletecollection':
        return random.chance(0.2)
          ? { method: 'DELETE', path: collection, headers: accept, body: undefined }
          : { method: 'DELETE', path: one, headers: accept, body: undefined };
      case 'patch':
        return this.#patch(info, one, accept);
      case 'apply':
        return {
          method: 'PATCH',
          path: `${one}?fieldManager=${random.pick(['a', 'b'])}`,
          headers: { ...accept, 'content-type': 'application/apply-patch+yaml' },
          body: json(this.#object(info, name, namespace)),
        };
      case 'sub':
        return this.#sub(info, one, accept);
      default:
        return this.#write(verb === 'create' ? 'POST' : 'PUT', verb === 'create' ? collection : one, {
          info,
          object: this.#object(info, name, namespace),
          accept,
        });
    }
  }

  #write(
    method: string,
    path: string,
    { info, object, accept }: { info: ResourceInfo; object: object; accept: Record<string, string> },
  ): FuzzRequest {
    const message = builtinSchema().kind(info.group, info.version, info.kind);
    if (message && this.#random.chance(0.25)) {
      const body = Buffer.from(encodeEnvelope(decodeObject(object, message).object, message));
      return { method, path, headers: { ...accept, 'content-type': 'application/vnd.kubernetes.protobuf' }, body };
    }
    const type = this.#random.chance(0.1) ? 'application/yaml' : 'application/json';
    return { method, path, headers: { ...accept, 'content-type': type }, body: json(object) };
  }

  #patch(info: ResourceInfo, path: string, accept: Record<string, string>): FuzzRequest {
    const random = this.#random;
    const type = random.pick(PATCH_TYPES.slice(0, 3));
    const message = builtinSchema().kind(info.group, info.version, info.kind);
    const values = message ? randomObject(message, random, 0.3) : {};
    const [key = 'metadata', value = {}] = random.pick([
      ...Object.entries(values),
      ['metadata', { labels: { a: 'b' } }] as [string, unknown],
    ]);
    const body = type.startsWith('application/json-patch')
      ? [{ op: random.pick(['add', 'replace', 'remove', 'test', 'copy', 'move']), path: `/${key}`, from: '/metadata/labels', value }]
      : { [key]: value };
    return { method: 'PATCH', path, headers: { ...accept, 'content-type': type }, body: json(body) };
  }

  #sub(info: ResourceInfo, path: string, accept: Record<string, string>): FuzzRequest {
    const random = this.#random;
    const sub = info.subresources.length > 0 ? random.pick(info.subresources) : undefined;
    if (!sub) return { method: 'GET', path, headers: accept, body: undefined };
    const message = builtinSchema().kind(sub.group, sub.version, sub.kind);
    const object = { ...(message ? randomObject(message, random, 0.4) : {}), kind: sub.kind, apiVersion: groupVersionString(sub) };
    const method = random.pick(['GET', 'PUT', 'POST', 'PATCH', 'PATCH']);
    const type = method === 'PATCH' ? random.pick(PATCH_TYPES) : 'application/json';
    return {
      method,
      path: `${path}/${sub.name}${method === 'PATCH' ? '?fieldManager=a' : ''}`,
      headers: { ...accept, ...(method !== 'GET' && { 'content-type': type }) },
      body: method === 'GET' ? undefined : json(object),
    };
  }

  /** An object that is fit to be stored, most of the time. */
  #object(info: ResourceInfo, name: string, namespace: string): Record<string, unknown> {
    const random = this.#random;
    const sound = random.chance(0.6) ? soundObject(info, random) : undefined;
    const message = builtinSchema().kind(info.group, info.version, info.kind);
    const object = sound ?? (message ? randomObject(message, random, random.next()) : {});
    const labels = random.chance(0.5) ? { labels: { app: random.pick(['web', 'db']) } } : {};
    return {
      ...object,
      kind: info.kind,
      apiVersion: groupVersionString(info),
      metadata: { name, ...(info.namespaced && { namespace }), ...labels },
    };
  }

  #query(chance: number): string[] {
    const random = this.#random;
    return QUERY.flatMap(([name, values]) => (random.chance(chance / 3) ? [`${name}=${encodeURIComponent(random.pick(values))}`] : []));
  }

  /** The request with one to three things changed. */
  #changed(request: FuzzRequest): FuzzRequest {
    let out = request;
    for (let n = 1 + this.#random.int(3); n > 0; n--) out = this.#changedOnce(out);
    return out;
  }

  #changedOnce(request: FuzzRequest): FuzzRequest {
    const random = this.#random;
    const { path, headers, body } = request;
    switch (random.int(9)) {
      case 0:
        return { ...request, path: withQuery(path, this.#query(0.5)) };
      case 1:
        return {
          ...request,
          path: `/${mutatedText(path, random)
            .replaceAll(/[^!-~]/g, (c) => encodeURIComponent(c.isWellFormed() ? c : ''))
            .replace(/^\/+/, '')}`,
        };
      case 2:
        return {
          ...request,
          headers: {
            ...headers,
            [random.pick(['accept', 'content-type', 'user-agent', 'impersonate-user', 'accept-encoding', 'if-none-match'])]: random.pick([
              ...ACCEPTS,
              ...PATCH_TYPES,
              'gzip',
              'x',
              'deflate;q=1',
            ]),
          },
        };
      case 3:
        return { ...request, method: random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE']) };
      default:
        return body ? { ...request, body: this.#changedBody(body) } : request;
    }
  }

  #changedBody(body: Buffer): Buffer {
    const random = this.#random;
    if (body[0] === 0x7b && random.chance(0.8)) {
      try {
        return json(mutatedJson(JSON.parse(body.toString()), random));
      } catch {
        // An earlier change broke it: it is changed as text.
      }
    }
    const out = Buffer.from(body);
    for (let n = 1 + random.int(4); n > 0 && out.length > 0; n--) out[random.int(out.length)] = random.int(256);
    return random.chance(0.2) ? out.subarray(0, random.int(out.length + 1)) : out;
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? 'null');

function withQuery(path: string, parameters: readonly string[]): string {
  return parameters.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${parameters.join('&')}`;
}

/** The path of a resource's collection; `namespace` is `''` for all. */
export function collectionPath(info: ResourceInfo, namespace: string): string {
  const root = info.group === '' ? '/api' : `/apis/${info.group}`;
  const scope = info.namespaced && namespace !== '' ? `/namespaces/${namespace}` : '';
  return `${root}/${info.version}${scope}/${info.resource}`;
}
