// The built-in resources as values: what the table of schema/resource-table.ts says, parsed once.
// Custom resources are described by the same ResourceInfo, so every later stage treats both alike.

import { RESOURCES } from './schema/resource-table.ts';

/** Group and version, e.g. `{ group: 'apps', version: 'v1' }`; the core group is `''`. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** Group, version and plural resource name: what a request path and a client call name. */
export interface GroupVersionResource extends GroupVersion {
  /** Plural name, e.g. `pods`. */
  readonly resource: string;
}

/** Group, version and kind: what an object says of itself. */
export interface GroupVersionKind extends GroupVersion {
  readonly kind: string;
}

/** A sub-resource: the kind it exchanges, its discovery verbs, and the HTTP methods (lower case) it connects with. */
export interface SubresourceInfo extends GroupVersionKind {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly connect: readonly string[];
}

/** One resource as it is served. */
export interface ResourceInfo extends GroupVersionResource {
  readonly kind: string;
  readonly listKind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Discovery verbs in alphabetical order. */
  readonly verbs: readonly string[];
  /** Never stored: reviews, bindings. */
  readonly virtual: boolean;
  /** Main writes keep status and status writes keep the rest. */
  readonly hasStatus: boolean;
  /** Fields whose change raises metadata.generation; `['create']` = set to 1 once; with `update` before them new objects have none; empty = never set. */
  readonly generation: readonly string[];
  readonly subresources: readonly SubresourceInfo[];
  /** The version objects are stored in, where it is not this one's. */
  readonly storedVersion?: string;
}

const USUAL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Parses a resource table. @throws SyntaxError at a line that is not of the notation. */
export function parseResourceTable(text: string): ResourceInfo[] {
  const out: (ResourceInfo & { subresources: SubresourceInfo[] })[] = [];
  let group: GroupVersion = { group: '', version: '' };
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const words = line.trim().split(/\s+/);
    if (!line.startsWith(' ')) group = { group: words[0] === 'core' ? '' : (words[0] ?? ''), version: words[1] ?? '' };
    else if (words[0]?.startsWith('/')) out.at(-1)?.subresources.push(parseSubresource(words));
    else out.push(parseResource(group, words));
  }
  return out;
}

function flagsOf(words: readonly string[]): Map<string, string> {
  return new Map(words.map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']));
}

const listOf = (text: string | undefined): string[] => (text ? text.split(',') : []);

function parseResource(group: GroupVersion, words: readonly string[]): ResourceInfo & { subresources: SubresourceInfo[] } {
  const [resource = '', kind = '', scope, ...rest] = words;
  if (scope !== 'namespaced' && scope !== 'cluster') throw new SyntaxError(`resource table: scope of ${resource}: ${scope}`);
  const flags = flagsOf(rest);
  const hasStatus = flags.has('status');
  const status: SubresourceInfo = { name: 'status', ...group, kind, verbs: ['get', 'patch', 'update'], connect: [] };
  return {
    ...group,
    resource,
    kind,
    listKind: `${kind}List`,
    singular: kind.toLowerCase(),
    namespaced: scope === 'namespaced',
    shortNames: listOf(flags.get('short')),
    categories: listOf(flags.get('categories')),
    verbs: flags.has('verbs') ? listOf(flags.get('verbs')) : USUAL_VERBS,
    virtual: flags.has('virtual'),
    hasStatus,
    generation: listOf(flags.get('generation')),
    subresources: hasStatus ? [status] : [],
  };
}

function parseSubresource(words: readonly string[]): SubresourceInfo {
  const [path = '', target = '', ...rest] = words;
  const dot = target.lastIndexOf('.');
  const groupVersion = target.slice(0, dot);
  const slash = groupVersion.indexOf('/');
  const flags = flagsOf(rest);
  return {
    name: path.slice(1),
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    kind: target.slice(dot + 1),
    verbs: listOf(flags.get('verbs')),
    connect: listOf(flags.get('connect')),
  };
}

/** Every built-in resource, in the order of the table. */
export const BUILTIN_RESOURCES: readonly ResourceInfo[] = parseResourceTable(RESOURCES);

/** `apps/v1`, or `v1` for the core group: the apiVersion of objects. */
export function groupVersionString(gv: GroupVersion): string {
  return gv.group === '' ? gv.version : `${gv.group}/${gv.version}`;
}

/** Parses an apiVersion. `undefined` when it has more than one slash. */
export function parseGroupVersion(apiVersion: string): GroupVersion | undefined {
  const parts = apiVersion.split('/');
  if (parts.length === 1) return { group: '', version: parts[0] ?? '' };
  return parts.length === 2 ? { group: parts[0] ?? '', version: parts[1] ?? '' } : undefined;
}

/** `pods` or `deployments.apps`: the resource as error messages name it. */
export function groupResourceString(gvr: { group: string; resource: string }): string {
  return gvr.group === '' ? gvr.resource : `${gvr.resource}.${gvr.group}`;
}

const byName = new Map(BUILTIN_RESOURCES.map((r) => [`${r.group}/${r.version}/${r.resource}`, r]));

/** The built-in resource of that name. @throws RangeError if there is none (a misuse: custom resources are looked up in the registry). */
export function builtinResource(group: string, version: string, resource: string): ResourceInfo {
  const info = byName.get(`${group}/${version}/${resource}`);
  if (!info) throw new RangeError(`no built-in resource ${group}/${version}/${resource}`);
  return info;
}
