// JSON Patch (RFC 6902): a list of operations on a document. All succeed, or the document stays as it is. As upstream, it takes more than the
// standard: a key that is not there reads as null, and an index may count from the end of its list.

import { jsonType } from '../codec/go-types.ts';
import { deepCopy, deepEqual, isObject, setKey } from '../copy.ts';
import { badRequest, StatusError } from '../status-error.ts';

/** As upstream: more operations are refused. */
const MAX_OPERATIONS = 10_000;
/** What `copy` may add in all, in characters of JSON: ten times the largest request, as upstream. */
const MAX_COPIED = 30 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
}

/**
 * Applies the operations to a copy of `document`, which is not changed.
 * @throws StatusError BadRequest (no JSON patch), RequestEntityTooLarge (too many operations), Invalid (does not apply)
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (patch === null) return document;
  if (!Array.isArray(patch)) throw undecodable(patch, '[]handlers.jsonPatchOp');
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(413, 'RequestEntityTooLarge', `Request entity is too large: ${message}`);
  }
  const operations = patch.map(parseOperation);
  const root = { document: deepCopy(document) };
  let copied = 0;
  for (const operation of operations) {
    if (operation.op === 'copy') {
      copied += JSON.stringify(readOrNull(root, operation.from)).length;
      if (copied > MAX_COPIED) throw doesNotApply();
    }
    apply(root, operation);
  }
  return root.document;
}

/** Upstream keeps to itself why a patch does not apply. */
const DOES_NOT_APPLY = [422, 'Invalid', 'the server rejected our request due to an error in our request', {}] as const;

/** 422 for a patch that does not apply. */
export function doesNotApply(): StatusError {
  return new StatusError(...DOES_NOT_APPLY);
}

/** A `test` of the patch failed: to some callers that means that nothing is to be done. */
class FailedTest extends StatusError {
  constructor() {
    super(...DOES_NOT_APPLY);
  }
}

/** Whether a patch was not applied because of its own `test`. */
export function isFailedTest(error: unknown): boolean {
  return error instanceof FailedTest;
}

const undecodable = (value: unknown, type: string): StatusError =>
  badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(value)} into Go value of type ${type}`);

function parseOperation(value: unknown): Operation {
  if (!isObject(value)) throw undecodable(value, 'handlers.jsonPatchOp');
  const { op, path, from } = value;
  const known = typeof op === 'string' && ['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(op);
  if (!known || typeof path !== 'string') throw doesNotApply();
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && typeof from !== 'string') throw doesNotApply();
  return { op, path: parsePointer(path), from: needsFrom ? parsePointer(String(from)) : [], value: value['value'] ?? null };
}

function parsePointer(text: string): string[] {
  if (text === '') return [];
  if (!text.startsWith('/')) throw doesNotApply();
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

interface Root {
  document: unknown;
}

function apply(root: Root, { op, path, from, value }: Operation): void {
  switch (op) {
    case 'add':
      add(root, path, deepCopy(value));
      break;
    case 'replace':
      readOrNull(root, path);
      replace(root, path, deepCopy(value));
      break;
    case 'remove':
      remove(root, path);
      break;
    case 'move':
      if (from.length < path.length && from.every((part, i) => part === path[i])) throw doesNotApply();
      add(root, path, remove(root, from));
      break;
    case 'copy':
      add(root, path, deepCopy(readOrNull(root, from)));
      break;
    default:
      if (!deepEqual(readOrNull(root, path), value)) throw new FailedTest();
  }
}

/** The value at a path; null for a key that is absent from its object. */
function readOrNull(root: Root, path: readonly string[]): unknown {
  if (path.length === 0) return root.document;
  const { parent, key } = parentOf(root, path);
  return isObject(parent) && !Object.hasOwn(parent, key) ? null : child(parent, key);
}

function read(root: Root, path: readonly string[]): unknown {
  return path.reduce(child, root.document);
}

function child(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return parent[index(key, parent.length)];
  if (isObject(parent) && Object.hasOwn(parent, key)) return parent[key];
  throw doesNotApply();
}

/** An index into `length` places, as Go reads numbers; below zero it counts from the end. */
function index(key: string, length: number): number {
  const at = Number(key);
  if (!/^[+-]?\d+$/.test(key) || at >= length || at < -length) throw doesNotApply();
  return at < 0 ? at + length : at;
}

function parentOf(root: Root, path: readonly string[]): { parent: unknown; key: string } {
  return { parent: read(root, path.slice(0, -1)), key: path.at(-1) ?? '' };
}

function add(root: Root, path: readonly string[], value: unknown): void {
  if (path.length === 0) {
    root.document = value;
    return;
  }
  const { parent, key } = parentOf(root, path);
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : index(key, parent.length + 1), 0, value);
  else if (isObject(parent)) setKey(parent, key, value);
  else throw doesNotApply();
}

function replace(root: Root, path: readonly string[], value: unknown): void {
  const parent = path.length === 0 ? undefined : parentOf(root, path).parent;
  if (Array.isArray(parent)) parent[index(path.at(-1) ?? '', parent.length)] = value;
  else add(root, path, value);
}

function remove(root: Root, path: readonly string[]): unknown {
  if (path.length === 0) throw doesNotApply();
  const { parent, key } = parentOf(root, path);
  const value = child(parent, key);
  if (Array.isArray(parent)) parent.splice(index(key, parent.length), 1);
  else if (isObject(parent)) delete parent[key];
  return value;
}
