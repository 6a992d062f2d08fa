// Sends objects and lists: stored bytes as they are where that is what the client wants, encoded otherwise.

import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import { encodeObject } from '../../api/codec/encode.ts';
import { encodeEnvelope } from '../../api/codec/protobuf.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { isTrue } from '../../api/query-flag.ts';
import { groupVersionString, parseGroupVersion } from '../../api/resources.ts';
import { builtinSchema, type Message } from '../../api/schema/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Status } from '../../api/types/meta-v1.gen.ts';
import { formatYaml } from '../../base/yaml.ts';
import type { ListPage } from '../registry/object-reader.ts';
import { type CallResult, listMeta } from '../registry/pipeline.ts';
import { type ServedResource, typePrefix } from '../registry/served-resource.ts';
import { fromStored } from '../registry/stored-form.ts';
import { writePieces } from './chunk-writer.ts';
import type { Exchange, HttpResponse } from './exchange.ts';
import { type Format, MEDIA_TYPES, type Representation } from './media-type.ts';
import { includeObject, partialObject, tableOf } from './object-views.ts';

/** Answers of at least this size are compressed for clients that accept it, as upstream. */
const GZIP_FROM_BYTES = 128 << 10;
/** Speed over size: the link is rarely the bottleneck at the edge, the processor is. */
const GZIP_LEVEL = 1;
/** Lists go out in pieces of about this size. */
const PIECE_BYTES = 256 << 10;

const COMMA = Buffer.from(',');
const BRACE = Buffer.from('{');
const NEWLINE = Buffer.from('\n');

/** What the writer needs of the server. */
export interface ResponseDeps {
  readonly nowMs: () => number;
}

/** The message of an object by its own kind, or undefined for custom resources. */
export function messageFor(object: { apiVersion?: string; kind?: string }): Message | undefined {
  const gv = parseGroupVersion(object.apiVersion ?? '');
  const { kind = '' } = object;
  if (!gv) return undefined;
  const known = builtinSchema().kind(gv.group, gv.version, kind);
  const shared = gv.group === '' || gv.group === 'meta.k8s.io';
  return known ?? (shared ? builtinSchema().message(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`) : undefined);
}

/** The object in a protobuf envelope. @throws StatusError NotAcceptable for what has no protobuf form */
export function protobufOf(object: object & { apiVersion?: string; kind?: string }): Uint8Array {
  const message = messageFor(object);
  if (message && !message.flags.has('json-only')) return encodeEnvelope(object, message);
  throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml');
}

/** Encodes any object in a format. @throws StatusError NotAcceptable for what has no protobuf form */
export async function encodeAs(object: object & { apiVersion?: string; kind?: string }, format: Format, pretty = false): Promise<Buffer> {
  if (format === 'protobuf') return Buffer.from(protobufOf(object));
  const message = messageFor(object);
  const value = message ? encodeObject(object, message) : object;
  if (format === 'json') return Buffer.from(`${JSON.stringify(value, undefined, pretty ? 2 : undefined)}\n`);
  return Buffer.from(await formatYaml(value));
}

/** An object as JSON, with what the API always shows. */
export function jsonText(object: object): string {
  const message = messageFor(object);
  return JSON.stringify(message ? encodeObject(object, message) : object);
}

/** Whether the client wants JSON indented: asked, or a person at a terminal. */
function isPretty(exchange: Exchange): boolean {
  const asked = exchange.query.get('pretty');
  if (asked !== null) return isTrue(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(exchange.header('user-agent') ?? '');
}

/** How an answer is sent. `type` is that of the resource. */
export interface ResponseWay {
  readonly representation: Representation;
  readonly type: ObjectType;
  readonly deps: ResponseDeps;
}

/** Sends the answer to a call. */
export async function sendResult(exchange: Exchange, result: CallResult, way: ResponseWay): Promise<void> {
  const { representation } = way;
  if (result.type === 'object') {
    await sendObject(exchange, result, way);
    return;
  }
  exchange.audit?.takeResponse(() => listObject(exchange, result, way), jsonText);
  const pretty = isPretty(exchange);
  if (representation.as === 'object' && representation.format === 'json' && result.type === 'page' && !pretty) {
    await sendPieces(exchange, joinedList(result));
    return;
  }
  const list = listObject(exchange, result, way);
  await sendBytes(exchange, { code: 200, type: representation.mediaType }, await encodeAs(list, representation.format, pretty));
}

type ObjectResult = Extract<CallResult, { type: 'object' }>;
type ListResult = Exclude<CallResult, ObjectResult>;

async function sendObject(exchange: Exchange, result: ObjectResult, way: ResponseWay): Promise<void> {
  const { representation } = way;
  const head = { code: result.code, type: representation.mediaType };
  const pretty = isPretty(exchange);
  if (result.object.kind === 'Status') exchange.audit?.takeStatus(result.object as Status, jsonText); // The kind says so.
  if (representation.as === 'object' || result.object.kind === 'Status') {
    exchange.audit?.takeResponse(() => result.object, jsonText);
    const asIs = result.bytes && representation.format === 'json' && !pretty;
    const bytes =
      asIs && result.bytes ? Buffer.concat([result.bytes, NEWLINE]) : await encodeAs(result.object, representation.format, pretty);
    await sendBytes(exchange, { ...head, type: MEDIA_TYPES[representation.format] }, bytes);
    return;
  }
  const metadata = { resourceVersion: result.object.metadata.resourceVersion ?? '' };
  const shown =
    representation.as === 'partial'
      ? partialObject(result.object)
      : tableOf(tableView(exchange, way), [result.object], { metadata, head: true });
  exchange.audit?.takeResponse(() => shown, jsonText);
  await sendBytes(exchange, head, await encodeAs(shown, representation.format, pretty));
}

function tableView(exchange: Exchange, { type, deps }: ResponseWay) {
  return { type, include: includeObject(exchange.query), nowMs: deps.nowMs() };
}

function listObject(exchange: Exchange, result: ListResult, way: ResponseWay): object {
  const { served } = result;
  const objects = result.type === 'page' ? result.page.entries.map((entry) => fromStored(served, entry.object)) : result.objects;
  const metadata = listMeta(result.type === 'page' ? result.page : undefined, 0);
  switch (way.representation.as) {
    case 'table':
      return tableOf(tableView(exchange, way), objects, { metadata, head: true });
    case 'partial':
      return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map(partialObject) };
    default:
      return { kind: served.info.listKind, apiVersion: groupVersionString(served.info), metadata, items: objects.map(untyped(served)) };
  }
}

/** Items of built-in lists carry no kind of their own; those of custom resources do. */
function untyped(served: ServedResource): (object: KubeObject) => object {
  if (served.type.itemsTyped) return (object) => object;
  return ({ kind: _k, apiVersion: _a, ...rest }) => rest;
}

/** The pieces of a JSON list made of stored bytes. */
function joinedList(result: Extract<CallResult, { type: 'page' }>): { pieces: Uint8Array[]; size: number } {
  const { served, page } = result;
  const { info } = served;
  const head = `{"kind":${JSON.stringify(info.listKind)},"apiVersion":${JSON.stringify(groupVersionString(info))},"metadata":${JSON.stringify(listMeta(page, 0))},"items":[`;
  const skip = served.type.itemsTyped ? undefined : Buffer.from(typePrefix(info));
  const pieces: Uint8Array[] = [Buffer.from(head)];
  for (const [index, entry] of page.entries.entries()) {
    if (index > 0) pieces.push(COMMA);
    const bytes = shownBytes(served, entry);
    if (skip && startsWith(bytes, skip)) pieces.push(BRACE, bytes.subarray(1 + skip.byteLength));
    else pieces.push(bytes);
  }
  pieces.push(Buffer.from(']}\n'));
  return { pieces, size: pieces.reduce((sum, piece) => sum + piece.byteLength, 0) };
}

/** The JSON of an entry: as stored, unless it is shown otherwise. */
function shownBytes(served: ServedResource, { object, bytes }: ListPage['entries'][number]): Uint8Array {
  const shown = fromStored(served, object);
  if (shown === object) return bytes;
  const message = messageFor(shown);
  return Buffer.from(JSON.stringify(message ? encodeObject(shown, message) : shown));
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.byteLength > prefix.byteLength && Buffer.compare(bytes.subarray(1, 1 + prefix.byteLength), prefix) === 0;
}

function acceptsGzip(exchange: Exchange): boolean {
  return /(^|[\s,])gzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(exchange.header('accept-encoding') ?? '');
}

const gzipAsync = promisify(gzip);

/** Sends bytes, compressed where it pays. */
export async function sendBytes(exchange: Exchange, head: { code: number; type: string }, bytes: Uint8Array): Promise<void> {
  const headers = { 'content-type': head.type };
  if (bytes.byteLength < GZIP_FROM_BYTES || !acceptsGzip(exchange)) {
    exchange.send(head.code, headers, bytes);
    return;
  }
  const packed = await gzipAsync(bytes, { level: GZIP_LEVEL });
  exchange.send(head.code, { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, packed);
}

async function sendPieces(exchange: Exchange, list: { pieces: readonly Uint8Array[]; size: number }): Promise<void> {
  const type = MEDIA_TYPES.json;
  if (list.size < GZIP_FROM_BYTES) {
    exchange.send(200, { 'content-type': type }, Buffer.concat(list.pieces));
    return;
  }
  const zip = acceptsGzip(exchange) ? createGzip({ level: GZIP_LEVEL }) : undefined;
  const size = zip ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : { 'content-length': list.size };
  exchange.begin(200, { 'content-type': type, ...size });
  if (exchange.method === 'HEAD') {
    exchange.response.end();
    return;
  }
  const { response } = exchange;
  if (!zip) await writePieces(exchange, list.pieces);
  else {
    for await (const chunk of Readable.from(chunksOf(list.pieces)).pipe(zip)) {
      if (exchange.closed) return;
      if (!response.write(chunk)) await drained(response, exchange);
    }
  }
  response.end();
}

/** Joins small pieces to chunks worth a write. */
function* chunksOf(pieces: readonly Uint8Array[]): Generator<Buffer> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    batch.push(piece);
    size += piece.byteLength;
    if (size < PIECE_BYTES) continue;
    yield Buffer.concat(batch, size);
    batch = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(batch, size);
}

function drained(response: HttpResponse, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    exchange.onClose(resolve);
  });
}

/** Sends a failure as a Status in the client's format; falls back to JSON. */
export async function sendStatus(exchange: Exchange, error: StatusError, representation: Representation | undefined): Promise<void> {
  const format = representation?.format ?? 'json';
  const { status } = error;
  const retry = status.details?.retryAfterSeconds;
  const bytes = await encodeAs(status, format, isPretty(exchange));
  exchange.send(error.code, { 'content-type': MEDIA_TYPES[format], ...(retry !== undefined && { 'retry-after': String(retry) }) }, bytes);
}
