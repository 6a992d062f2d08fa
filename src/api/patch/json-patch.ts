// JSON Patch (RFC 6902): a list of operations on a document. All succeed, or the document stays as it is.

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
  if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(413, 'RequestEntityTooLarge', `Request entity is too large: ${message}`);
  }
  const operations = patch.map(parseOperation);
  const root = { document: deepCopy(document) };
  let copied = 0;
  for (const operation of operations) {
    if (operation.op === 'copy') {
      copied += JSON.stringify(read(root, operation.from)).length;
      if (copied > MAX_COPIED) throw doesNotApply();
    }
    apply(root, operation);
  }
  return root.document;
}

/** Upstream keeps to itself why a patch does not apply. */
const DOES_NOT_APPLY = [422, 'Invalid', 'the server rejected our request due to an error in our request', {}] as const;

function doesNotApply(): StatusError {
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

function parseOperation(value: unknown): Operation {
  if (!isObject(value)) throw badRequest('json: cannot unmarshal value into Go value of type jsonpatch.Operation');
  const { op, path, from } = value;
  const known = typeof op === 'string' && ['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(op);
  if (!known || typeof path !== 'string') throw doesNotApply();
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && typeof from !== 'string') throw doesNotApply();
  const needsValue = op === 'add' || op === 'replace';
  if (needsValue && !Object.hasOwn(value, 'value')) throw doesNotApply();
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
      read(root, path);
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
      add(root, path, deepCopy(read(root, from)));
      break;
    default:
      if (!deepEqual(readOrNull(root, path), value)) throw new FailedTest();
  }
}

/** A key that is absent tests equal to null, as upstream has it. */
function readOrNull(root: Root, path: readonly string[]): unknown {
  if (path.length === 0) return root.document;
  const { parent, key } = parentOf(root, path);
  return isObject(parent) && !Object.hasOwn(parent, key) ? null : child(parent, key);
}

function read(root: Root, path: readonly string[]): unknown {
  return path.reduce(child, root.document);
}

function child(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return parent[index(key, parent.length - 1)];
  if (isObject(parent) && Object.hasOwn(parent, key)) return parent[key];
  throw doesNotApply();
}

/** An index from 0 to `max`. */
function index(key: string, max: number): number {
  if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > max) throw doesNotApply();
  return Number(key);
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
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : index(key, parent.length), 0, value);
  else if (isObject(parent)) setKey(parent, key, value);
  else throw doesNotApply();
}

function replace(root: Root, path: readonly string[], value: unknown): void {
  const parent = path.length === 0 ? undefined : parentOf(root, path).parent;
  if (Array.isArray(parent)) parent[Number(path.at(-1))] = value;
  else add(root, path, value);
}

function remove(root: Root, path: readonly string[]): unknown {
  if (path.length === 0) throw doesNotApply();
  const { parent, key } = parentOf(root, path);
  const value = child(parent, key);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isObject(parent)) delete parent[key];
  return value;
}
