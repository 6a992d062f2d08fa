// Sends objects and lists: stored bytes as they are where that is what the client wants, encoded otherwise.

import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { isTrue } from '../../api/query-flag.ts';
import { groupVersionString } from '../../api/resources.ts';
import type { StatusError } from '../../api/status-error.ts';
import type { Status } from '../../api/types/meta-v1.gen.ts';
import { type CallResult, listMeta } from '../registry/pipeline.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { fromStored } from '../registry/stored-form.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { writePieces } from './chunk-writer.ts';
import { encodeAs, jsonText, messageFor } from './encoded-object.ts';
import type { Exchange, HttpResponse } from './exchange.ts';
import { type JoinedList, joinedJson, joinedProtobuf } from './joined-list.ts';
import { type Format, MEDIA_TYPES, type Representation } from './media-type.ts';
import { includeObject, partialObject, tableOf } from './object-views.ts';

/** Answers of at least this size are compressed for clients that accept it, as upstream. */
const GZIP_FROM_BYTES = 128 << 10;
/** Speed over size: the link is rarely the bottleneck at the edge, the processor is. */
const GZIP_LEVEL = 1;
/** Lists go out in pieces of about this size. */
const PIECE_BYTES = 256 << 10;

const NEWLINE = Buffer.from('\n');

/** What the writer needs of the server. */
export interface ResponseDeps {
  readonly nowMs: () => number;
  /** For long answers. */
  readonly chunks: ChunkPool;
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
  const joined =
    result.type === 'page' && representation.as === 'object' && !pretty
      ? await joinedList(result, representation.format, way.deps.chunks)
      : undefined;
  if (joined) {
    await sendPieces(exchange, { ...joined, type: representation.mediaType }, way.deps.chunks);
    joined.release?.();
    return;
  }
  const list = listObject(exchange, result, way);
  await sendBytes(exchange, { code: 200, type: representation.mediaType }, await encodeAs(list, representation.format, pretty));
}

/** The list in pieces, where it need not be made as a whole. */
async function joinedList(
  result: Extract<CallResult, { type: 'page' }>,
  format: Format,
  chunks: ChunkPool,
): Promise<JoinedList | undefined> {
  const { info } = result.served;
  if (format === 'json') return joinedJson(result);
  const message = format === 'protobuf' ? messageFor({ kind: info.listKind, apiVersion: groupVersionString(info) }) : undefined;
  return message && (await joinedProtobuf(result, message, chunks));
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

async function sendPieces(exchange: Exchange, { type, ...list }: JoinedList & { type: string }, pool: ChunkPool): Promise<void> {
  if (list.size < GZIP_FROM_BYTES) {
    exchange.send(200, { 'content-type': type }, Buffer.concat(list.pieces.map((piece, i) => piece.subarray(list.starts[i]))));
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
  if (!zip) await writePieces(exchange, list, pool);
  else {
    for await (const chunk of Readable.from(chunksOf(list)).pipe(zip)) {
      if (exchange.closed) return;
      if (!response.write(chunk)) await drained(response, exchange);
    }
  }
  response.end();
}

/** Joins small pieces to chunks worth a write. */
function* chunksOf({ pieces, starts }: JoinedList): Generator<Buffer> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const [i, whole] of pieces.entries()) {
    const piece = whole.subarray(starts[i]);
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
