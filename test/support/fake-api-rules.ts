// Pure rules of the fake API: selectors, patches, what a write keeps and what a delete does.

import type { KubeObject } from '../../src/api/object.ts';
import type { ResourceInfo } from '../../src/api/resources.ts';
import { badRequest } from '../../src/api/status-error.ts';
import type { DeleteOptions } from '../../src/api/types/meta-v1.gen.ts';

/** A JSON object. */
export type Json = Record<string, unknown>;

/** Deeply frozen copy of a JSON value. */
export function frozenCopy<T>(value: T): T {
  return freeze(structuredClone(value));
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}

/** The value at a dotted path as a selector compares it. */
function fieldText(object: unknown, path: string): string {
  let value = object;
  for (const name of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
  return value === undefined ? '' : String(value);
}

/** Whether a label selector of equality and existence terms matches. */
export function labelsMatch(selector: string, labels: Readonly<Record<string, string>> = {}): boolean {
  return terms(selector).every((term) => {
    const pair = /^([^=!]+)(!=|==|=)(.*)$/.exec(term);
    if (pair) return (labels[pair[1] ?? ''] === pair[3]) === (pair[2] !== '!=');
    return term.startsWith('!') ? labels[term.slice(1)] === undefined : labels[term] !== undefined;
  });
}

/** Whether a field selector matches; every path is supported. */
export function fieldsMatch(selector: string, object: KubeObject): boolean {
  return terms(selector).every((term) => {
    const pair = /^([^=!]+)(!=|==|=)(.*)$/.exec(term);
    if (!pair) throw badRequest(`invalid field selector ${term}`);
    return (fieldText(object, pair[1] ?? '') === pair[3]) === (pair[2] !== '!=');
  });
}

const terms = (selector: string): string[] => selector.split(',').filter((term) => term !== '');

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out: Json = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete out[name];
    else out[name] = mergePatch(out[name], value);
  }
  return out;
}

/** RFC 6902 with add, remove, replace and test. */
export function jsonPatch(target: unknown, operations: readonly Json[]): unknown {
  const root = { value: structuredClone(target) };
  for (const operation of operations) {
    const path = ['value', ...String(operation['path']).split('/').slice(1)].map((p) => p.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = path.pop() ?? '';
    let parent: unknown = root;
    for (const name of path) parent = (parent as Json | undefined)?.[name];
    if (typeof parent !== 'object' || parent === null) throw badRequest(`no such path ${operation['path']}`);
    applyOperation(parent as Json | unknown[], last, operation);
  }
  return root.value;
}

function applyOperation(parent: Json | unknown[], name: string, { op, value }: Json): void {
  const current = (parent as Json)[name];
  if (op === 'test') {
    if (JSON.stringify(current) !== JSON.stringify(value)) throw badRequest('testing value failed');
  } else if (op === 'remove') {
    if (current === undefined) throw badRequest('no such path');
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else delete parent[name];
  } else if (Array.isArray(parent) && op === 'add') parent.splice(name === '-' ? parent.length : Number(name), 0, value);
  else (parent as Json)[name] = value;
}

/** The object after a write of the resource or one of its sub-resources; metadata that clients cannot set is kept. */
export function prepareUpdate(info: ResourceInfo, subresource: string, change: { old: KubeObject; wanted: KubeObject }): KubeObject {
  const { old, wanted } = change;
  const before = old as unknown as Json;
  const asked = wanted as unknown as Json;
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = old.metadata;
  const kept = { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation };
  const metadata = Object.fromEntries(Object.entries({ ...wanted.metadata, ...kept }).filter(([, value]) => value !== undefined));
  const body =
    subresource === 'status' || subresource === 'approval'
      ? { ...before, status: asked['status'] }
      : { ...asked, ...(info.hasStatus && { status: before['status'] }) };
  if (subresource === 'finalize') Object.assign(body, { status: before['status'], spec: asked['spec'] });
  else if (info.kind === 'Namespace') Object.assign(body, { spec: before['spec'] });
  const out = JSON.parse(JSON.stringify({ ...body, metadata })) as Json & KubeObject;
  const raised = info.generation.some((field) => JSON.stringify(out[field]) !== JSON.stringify(before[field]));
  if (raised) out.metadata.generation = (generation ?? 0) + 1;
  return out;
}

/** What a delete leaves: the object with its marks, or `undefined` when it goes at once. */
export function prepareDelete(info: ResourceInfo, object: KubeObject, request: { options: DeleteOptions; now: string }): Json | undefined {
  const { options, now } = request;
  const out = structuredClone(object) as Json & KubeObject;
  const finalizers = new Set(out.metadata.finalizers ?? []);
  if (options.propagationPolicy) for (const name of ['foregroundDeletion', 'orphan']) finalizers.delete(name);
  if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
  if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
  if (finalizers.size > 0) out.metadata.finalizers = [...finalizers];
  else delete out.metadata.finalizers;
  const grace = gracePeriod(info, out, options);
  const stays = finalizers.size > 0 || grace > 0 || namespaceStays(info, out);
  if (!stays) return undefined;
  out.metadata.deletionTimestamp ??= now;
  out.metadata.deletionGracePeriodSeconds = grace;
  if (info.kind === 'Namespace') out['status'] = { ...(out['status'] as Json | undefined), phase: 'Terminating' };
  return out;
}

/** Only a pod that is on a node and not finished gets time to end. */
function gracePeriod(info: ResourceInfo, object: Json & KubeObject, options: DeleteOptions): number {
  if (info.kind !== 'Pod') return 0;
  const spec = object['spec'] as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
  const phase = (object['status'] as { phase?: string } | undefined)?.phase;
  if (!spec?.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0;
  return options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
}

/** A namespace stays until its own finalizers are gone. */
export function namespaceStays(info: ResourceInfo, object: Json): boolean {
  if (info.kind !== 'Namespace') return false;
  return ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length > 0;
}
