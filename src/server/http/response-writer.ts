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
import { type CallResult, listMeta } from '../registry/call-result.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { fromStored } from '../registry/stored-form.ts';
import { type ByteReader, PiecesReader } from './byte-reader.ts';
import { CHUNK_BYTES, type ChunkPool } from './chunk-pool.ts';
import { writeChunks } from './chunk-writer.ts';
import { encodeAs, jsonText, messageFor } from './encoded-object.ts';
import type { Exchange, HttpResponse } from './exchange.ts';
import { JsonListReader } from './json-list.ts';
import { MEDIA_TYPES, type Representation } from './media-type.ts';
import { includeObject, partialObject, tableOf } from './object-views.ts';
import { protobufList } from './protobuf-list.ts';

/** Answers of at least this size are compressed for clients that accept it, as upstream. */
const GZIP_FROM_BYTES = 128 << 10;
/** Speed over size: the link is rarely the bottleneck at the edge, the processor is. */
const GZIP_LEVEL = 1;

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
  const head = { code: 200, type: MEDIA_TYPES[representation.format] };
  if (result.type === 'page' && representation.as === 'object' && !pretty && (await sendPage(exchange, result, way))) return;
  const list = listObject(exchange, result, way);
  await sendBytes(exchange, head, await encodeAs(list, representation.format, pretty));
}

/** Sends a list that need not be made as a whole; false for a form that must. */
async function sendPage(exchange: Exchange, result: PageResult, { representation, deps }: ResponseWay): Promise<boolean> {
  const { format } = representation;
  const type = MEDIA_TYPES[format];
  if (format === 'json') {
    await sendRead(exchange, { type, reader: new JsonListReader(result) }, deps.chunks);
    return true;
  }
  const { info } = result.served;
  const message = format === 'protobuf' ? messageFor({ kind: info.listKind, apiVersion: groupVersionString(info) }) : undefined;
  if (!message) return false;
  const { pieces, release } = await protobufList(result, message, deps.chunks);
  await sendRead(exchange, { type, reader: new PiecesReader(pieces) }, deps.chunks);
  release();
  return true;
}

type PageResult = Extract<CallResult, { type: 'page' }>;
type ObjectResult = Extract<CallResult, { type: 'object' }>;
type ListResult = Exclude<CallResult, ObjectResult>;

async function sendObject(exchange: Exchange, result: ObjectResult, way: ResponseWay): Promise<void> {
  const { representation } = way;
  const head = { code: result.code, type: MEDIA_TYPES[representation.format] };
  const pretty = isPretty(exchange);
  if (result.object.kind === 'Status') exchange.audit?.takeStatus(result.object as Status, jsonText); // The kind says so.
  if (representation.as === 'object' || result.object.kind === 'Status') {
    exchange.audit?.takeResponse(() => result.object, jsonText);
    const asIs = result.bytes && representation.format === 'json' && !pretty;
    const bytes =
      asIs && result.bytes ? Buffer.concat([result.bytes, NEWLINE]) : await encodeAs(result.object, representation.format, pretty);
    await sendBytes(exchange, head, bytes);
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

/** Sends what a reader gives: at once if it fits into one buffer, otherwise while it is read. */
async function sendRead(exchange: Exchange, { type, reader }: { type: string; reader: ByteReader }, pool: ChunkPool): Promise<void> {
  const first = pool.take();
  const bytes = reader.read(first);
  if (reader.done) {
    const whole = Buffer.from(first.subarray(0, bytes));
    pool.giveBack(first);
    await sendBytes(exchange, { code: 200, type }, whole);
    return;
  }
  const zip = acceptsGzip(exchange) ? createGzip({ level: GZIP_LEVEL }) : undefined;
  exchange.begin(200, { 'content-type': type, ...(zip && { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }) });
  const { response } = exchange;
  if (exchange.method === 'HEAD') pool.giveBack(first);
  else if (!zip) await writeChunks(exchange, { first, bytes, reader }, pool);
  else {
    for await (const chunk of Readable.from(chunksOf(first.subarray(0, bytes), reader)).pipe(zip)) {
      if (exchange.closed) return;
      if (!response.write(chunk)) await drained(response, exchange);
    }
  }
  response.end();
}

/** Buffers of their own: who compresses them says not when it has read them. */
function* chunksOf(first: Buffer, reader: ByteReader): Generator<Buffer> {
  yield first;
  while (!reader.done) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const bytes = reader.read(chunk);
    if (bytes > 0) yield chunk.subarray(0, bytes);
  }
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
