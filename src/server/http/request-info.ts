// What a request is about, read from its method, path and query alone: the path grammar of the Kubernetes API as a pure function.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris

import { isTrue } from '../../api/query-flag.ts';

/** A request to a resource, or to a path that is none. */
export interface RequestInfo {
  readonly isResource: boolean;
  /** Authorization's verb: `get`, `list`, `watch`, `create` … for resources; the lower-case method otherwise. */
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Path segments after the sub-resource: the path of a proxy request, with slashes. */
  readonly rest: string;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Sub-resources of a namespace itself, as opposed to resources in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

/** Sub-resources whose requests may stay open. */
const LONG_SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

function nonResource(method: string, path: string): RequestInfo {
  const verb = method.toLowerCase();
  return { isResource: false, verb, path, group: '', version: '', namespace: '', resource: '', subresource: '', name: '', rest: '' };
}

/** Parses a request. `path` is without query, still percent-encoded. */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeSegment);
  const [root] = parts;
  const head = root === 'api' ? 2 : root === 'apis' ? 3 : 0;
  if (head === 0 || parts.length <= head) return nonResource(method, path);
  const group = root === 'apis' ? (parts[1] ?? '') : '';
  const version = parts[head - 1] ?? '';
  return resourceInfo({ method, path, group, version }, parts.slice(head), query);
}

function resourceInfo(
  request: { method: string; path: string; group: string; version: string },
  segments: readonly string[],
  query: URLSearchParams,
): RequestInfo {
  const legacyWatch = segments[0] === 'watch' && segments.length > 1;
  let parts = legacyWatch ? segments.slice(1) : segments;
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? '';
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '')) parts = parts.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...rest] = parts;
  const verb = verbOf({ method: request.method, name, legacyWatch }, query);
  return {
    isResource: true,
    verb,
    path: request.path,
    group: request.group,
    version: request.version,
    namespace,
    resource,
    subresource,
    name: name === '' ? nameInSelector(verb, query) : name,
    rest: restPath(request.path, rest.length),
  };
}

/** The end of a path from its last `count` segments on, as the client wrote it. */
function restPath(path: string, count: number): string {
  const trailing = path.endsWith('/') ? 1 : 0;
  return count === 0
    ? trailing
      ? '/'
      : ''
    : `/${path
        .split('/')
        .slice(-(count + trailing))
        .join('/')}`;
}

function verbOf(request: { method: string; name: string; legacyWatch: boolean }, query: URLSearchParams): string {
  const verb = VERBS[request.method] ?? request.method.toLowerCase();
  if (request.legacyWatch && verb === 'get') return 'watch';
  if (request.name !== '') return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** A collection request that selects one object by name counts as a request for that name. */
function nameInSelector(verb: string, query: URLSearchParams): string {
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') return '';
  const match = /(?:^|,)metadata\.name==?([^,!=]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '');
  return match?.[1] ?? '';
}

/** Percent-decoding that leaves alone what is not encoded right. */
function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % is taken as it stands; nothing has such a name.
    return text;
  }
}

/** Whether a request may stay open beyond the deadline and does not count as in flight. */
export function isLongRunning(info: RequestInfo): boolean {
  return info.isResource && (info.verb === 'watch' || LONG_SUBRESOURCES.has(info.subresource));
}
