// The operations of a resource as OpenAPI describes them, before either version's notation: paths, methods, parameters, bodies.

import type { GroupVersionKind, ResourceInfo, SubresourceInfo } from '../resources.ts';
import { groupVersionString } from '../resources.ts';

/** What an operation exchanges: a kind, or one of the messages that every group shares. */
export type Body = GroupVersionKind | 'Status' | 'Patch' | 'DeleteOptions' | 'string';

/** One operation on one path. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';
  /** x-kubernetes-action */
  readonly action: string;
  readonly id: string;
  readonly tag: string;
  readonly gvk: GroupVersionKind;
  readonly query: readonly string[];
  readonly body: Body | undefined;
  readonly response: Body;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly codes: readonly string[];
}

const INTEGERS = ['gracePeriodSeconds', 'limit', 'limitBytes', 'ports', 'sinceSeconds', 'tailLines', 'timeoutSeconds'];
const BOOLEANS = [
  'allowWatchBookmarks',
  'follow',
  'force',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'insecureSkipTLSVerifyBackend',
  'orphanDependents',
  'previous',
  'sendInitialEvents',
  'stderr',
  'stdin',
  'stdout',
  'timestamps',
  'tty',
  'watch',
];

/** The type of a query parameter. */
export function parameterType(name: string): 'integer' | 'boolean' | 'string' {
  return INTEGERS.includes(name) ? 'integer' : BOOLEANS.includes(name) ? 'boolean' : 'string';
}

const ANY = ['*/*'];
const OBJECT = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAMS = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'];
const DELETE = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'pretty',
  'propagationPolicy',
];
const SELECT = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
];
const LIST = [...SELECT, 'allowWatchBookmarks', 'pretty', 'watch'].sort();
const LOG = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'pretty',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
];

/** What a discovery verb is as an operation; `connect` verbs are not in it. */
interface Shape {
  readonly method: Operation['method'];
  readonly action: string;
  /** Begins the operation's id. */
  readonly word: string;
  /** Stands between version and kind in the id. */
  readonly part?: string;
  readonly query: readonly string[];
  readonly body?: 'self' | 'Patch' | 'DeleteOptions';
  readonly response?: 'list' | 'Status';
  readonly codes: readonly string[];
}

const SHAPES: Readonly<Record<string, Shape>> = {
  get: { method: 'get', action: 'get', word: 'read', query: ['pretty'], codes: ['200'] },
  list: { method: 'get', action: 'list', word: 'list', query: LIST, response: 'list', codes: ['200'] },
  create: { method: 'post', action: 'post', word: 'create', query: WRITE, body: 'self', codes: ['200', '201', '202'] },
  update: { method: 'put', action: 'put', word: 'replace', query: WRITE, body: 'self', codes: ['200', '201'] },
  patch: { method: 'patch', action: 'patch', word: 'patch', query: [...WRITE, 'force'].sort(), body: 'Patch', codes: ['200', '201'] },
  delete: {
    method: 'delete',
    action: 'delete',
    word: 'delete',
    query: DELETE,
    body: 'DeleteOptions',
    response: 'Status',
    codes: ['200', '202'],
  },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    word: 'delete',
    part: 'Collection',
    query: [...new Set([...DELETE, ...SELECT])].sort(),
    body: 'DeleteOptions',
    response: 'Status',
    codes: ['200'],
  },
};

/** All operations of a resource and its sub-resources. */
export function operationsOf(resource: ResourceInfo): Operation[] {
  const groupVersion = groupVersionString(resource);
  const base = resource.group === '' ? `/api/${groupVersion}` : `/apis/${groupVersion}`;
  const collection = `${base}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.resource}`;
  const out: Operation[] = [];
  for (const verb of resource.verbs) {
    if (verb === 'watch' || !SHAPES[verb]) continue;
    const named = verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete';
    out.push(operation(resource, verb, { path: named ? `${collection}/{name}` : collection }));
  }
  if (resource.namespaced && resource.verbs.includes('list')) {
    out.push(operation(resource, 'list', { path: `${base}/${resource.resource}`, suffix: 'ForAllNamespaces' }));
  }
  for (const sub of resource.subresources) out.push(...subOperations(resource, sub, `${collection}/{name}/${sub.name}`));
  return out;
}

/** Custom resources have merge keys and a protobuf form neither. */
const isCustom = ({ storedVersion }: ResourceInfo): boolean => storedVersion !== undefined;

function patchesOf(resource: ResourceInfo): readonly string[] {
  return isCustom(resource) ? PATCHES.filter((type) => !type.includes('strategic')) : PATCHES;
}

function formsOf(resource: ResourceInfo, verb: string): readonly string[] {
  const forms = verb === 'list' ? [...OBJECT, ...STREAMS] : OBJECT;
  return isCustom(resource) ? forms.filter((type) => !type.includes('protobuf')) : forms;
}

interface Where {
  readonly path: string;
  readonly sub?: SubresourceInfo;
  readonly suffix?: string;
}

function operation(resource: ResourceInfo, verb: string, { path, sub, suffix }: Where): Operation {
  const shape = SHAPES[verb];
  if (!shape) throw new RangeError(`no operation for verb ${verb}`);
  const { group, version, kind } = sub ?? resource;
  const gvk = { group, version, kind };
  const isLog = sub?.name === 'log';
  const list = { group, version, kind: resource.listKind };
  return {
    path,
    method: shape.method,
    action: shape.action,
    id: operationId(resource, shape, { path, ...(sub && { sub }), ...(suffix !== undefined && { suffix }) }),
    tag: tagOf(resource),
    gvk,
    query: isLog ? LOG : shape.query,
    body: shape.body === 'self' ? gvk : shape.body,
    response: isLog ? 'string' : shape.response === 'list' ? list : (shape.response ?? gvk),
    consumes: verb === 'patch' ? patchesOf(resource) : ANY,
    produces: isLog ? ['text/plain', ...OBJECT] : formsOf(resource, verb),
    codes: shape.codes,
  };
}

const CONNECT_QUERY: Readonly<Record<string, readonly string[]>> = {
  attach: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  exec: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  portforward: ['ports'],
  proxy: ['path'],
};
const METHODS: readonly Operation['method'][] = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'];

function subOperations(resource: ResourceInfo, sub: SubresourceInfo, path: string): Operation[] {
  if (sub.connect.length === 0) return sub.verbs.filter((verb) => SHAPES[verb]).map((verb) => operation(resource, verb, { path, sub }));
  const paths = sub.name === 'proxy' ? [path, `${path}/{path}`] : [path];
  const methods = METHODS.filter((method) => sub.connect.includes(method));
  return paths.flatMap((each) => methods.map((method) => connectOperation(resource, method, { path: each, sub })));
}

function connectOperation(resource: ResourceInfo, method: Operation['method'], where: Where & { sub: SubresourceInfo }): Operation {
  const { group, version, kind, name } = where.sub;
  const part = `${method.charAt(0).toUpperCase()}${method.slice(1)}`;
  return {
    path: where.path,
    method,
    action: 'connect',
    id: operationId(resource, { word: 'connect', part }, { ...where, ...(where.path.endsWith('{path}') && { suffix: 'WithPath' }) }),
    tag: tagOf(resource),
    gvk: { group, version, kind },
    query: CONNECT_QUERY[name] ?? [],
    body: undefined,
    response: 'string',
    consumes: ANY,
    produces: ANY,
    codes: ['200'],
  };
}

const pascal = (text: string): string =>
  text
    .split(/[.-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

const groupWord = (group: string): string => (group === '' ? 'core' : group.replace(/\.k8s\.io$/, ''));

const tagOf = ({ group, version }: ResourceInfo): string => `${groupWord(group).replaceAll('.', '_')}_${version}`;

/** e.g. `replaceAppsV1NamespacedDeploymentScale`, `deleteAppsV1CollectionNamespacedDeployment` */
function operationId(resource: ResourceInfo, does: Pick<Shape, 'word' | 'part'>, { path, sub, suffix = '' }: Where): string {
  const scope = path.includes('/namespaces/{namespace}/') ? 'Namespaced' : '';
  const served = `${pascal(groupWord(resource.group))}${pascal(resource.version)}`;
  return `${does.word}${served}${does.part ?? ''}${scope}${resource.kind}${sub ? pascal(sub.name) : ''}${suffix}`;
}
