// Kubernetes' protobuf form (`application/vnd.kubernetes.protobuf`): messages by the tables, and the envelope that says of what kind
// the bytes are: the prefix `k8s\0`, then a runtime.Unknown. Rules: Kubernetes API concepts, "Kubernetes Protobuf encoding".

import { BYTES, newReader, tagOf } from '../../base/protobuf-wire.ts';
import { BackwardWriter } from '../../base/protobuf-writer.ts';
import { groupVersionString } from '../resources.ts';
import type { Message } from '../schema/schema.ts';
import { DecodeError } from './errors.ts';
import { readMessage } from './protobuf-decode.ts';
import { MessageEncoder } from './protobuf-encode.ts';

const PREFIX = Buffer.from('k8s\0', 'latin1');

/** An opened envelope: the kind of the object, and its message as bytes. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentEncoding: string;
  readonly contentType: string;
}

/** The message as bytes, without envelope. The object is canonical (decode.ts) and not changed. */
export function encodeMessage(object: object, message: Message): Uint8Array {
  const encoder = new MessageEncoder();
  encoder.message(object as Record<string, unknown>, message); // an object of the message: fields by JSON name
  return encoder.out.finish();
}

/**
 * Reads a message; the result is canonical as after `decodeObject`, without kind and apiVersion (they are in the envelope).
 * @throws DecodeError
 */
export function decodeMessage<T = Record<string, unknown>>(bytes: Uint8Array, message: Message): T {
  return guarded(() => {
    const reader = newReader(bytes);
    // Each field was read by the table that T was generated from.
    return readMessage(reader, message, reader.len) as T;
  });
}

/** Runs a read; protobufjs' own errors become DecodeErrors. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError('syntax', error instanceof RangeError ? 'unexpected EOF' : 'proto: illegal wireType', { cause: error });
  }
}

/** The object in its envelope. Kind and apiVersion are the object's own or else the message's. */
export function encodeEnvelope(object: TypedObject, message: Message): Buffer {
  const encoder = new MessageEncoder();
  prependEnvelope(encoder, object, message);
  return encoder.out.finish();
}

/** An object that may say of what kind it is. */
type TypedObject = object & { readonly apiVersion?: string; readonly kind?: string };

function prependEnvelope(encoder: MessageEncoder, object: TypedObject, message: Message): void {
  const { apiVersion = groupVersionString(message.package), kind = message.name } = object;
  const { out } = encoder;
  prependTail(out);
  const mark = out.size;
  encoder.message(object as Record<string, unknown>, message); // an object of the message: fields by JSON name
  out.lengthSince(mark);
  prependHead(out, { apiVersion, kind });
}

/** The envelope after its object: contentEncoding and contentType, which are not used. */
function prependTail(out: BackwardWriter): void {
  for (const tag of [tagOf(4, BYTES), tagOf(3, BYTES)]) {
    out.varint(0);
    out.varint(tag);
  }
}

/** The envelope before the length of its object. */
function prependHead(out: BackwardWriter, { apiVersion, kind }: { apiVersion: string; kind: string }): void {
  out.varint(tagOf(2, BYTES));
  const mark = out.size;
  out.string(kind);
  out.varint(tagOf(2, BYTES));
  out.string(apiVersion);
  out.varint(tagOf(1, BYTES));
  out.lengthSince(mark);
  out.varint(tagOf(1, BYTES));
  out.raw(PREFIX);
}

/** More than a kind, a version and their lengths take, as a rule. */
const HEAD_BYTES = 256;

/** What stands before and after a message of `size` bytes in the envelope of a kind: for messages that are sent in pieces. */
export function envelopeParts(type: { apiVersion: string; kind: string }, size: number): { head: Uint8Array; tail: Uint8Array } {
  const out = new BackwardWriter();
  prependTail(out);
  const tail = out.handOver(Buffer.allocUnsafe(HEAD_BYTES));
  out.varint(size);
  prependHead(out, type);
  return { head: out.finish(), tail };
}

/** Whether the bytes begin as an envelope does. */
function isEnvelope(bytes: Uint8Array): boolean {
  return PREFIX.equals(bytes.subarray(0, PREFIX.length));
}

/** Opens an envelope; the caller finds the message of the kind and reads `raw` with `decodeMessage`. @throws DecodeError */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (!isEnvelope(bytes)) {
    throw new DecodeError('syntax', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  return guarded(() => {
    const fields = delimitedFields(bytes.subarray(PREFIX.length));
    const type = delimitedFields(fields.get(1) ?? new Uint8Array());
    const text = (part: Uint8Array | undefined): string => Buffer.from(part ?? '').toString();
    return {
      apiVersion: text(type.get(1)),
      kind: text(type.get(2)),
      raw: fields.get(2) ?? new Uint8Array(),
      contentEncoding: text(fields.get(3)),
      contentType: text(fields.get(4)),
    };
  });
}

/** The length-delimited fields of a message by number, the last one of each. */
function delimitedFields(bytes: Uint8Array): Map<number, Uint8Array> {
  const reader = newReader(bytes);
  const out = new Map<number, Uint8Array>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === BYTES) out.set(tag >>> 3, reader.bytes());
    else reader.skipType(tag & 7);
  }
  return out;
}

/** Bytes of items that make a piece: what is left of the memory holds the next item, mostly. */
const PIECE_BYTES = 192 << 10;

/** The `items` of a list (its field 2) as pieces of bytes, made from the last item to the first. */
export class ItemsEncoder {
  readonly #encoder = new MessageEncoder();
  readonly #item: Message;
  readonly #memory: () => Buffer;
  readonly #pieces: Uint8Array[] = [];

  /** `memory` gives the buffers of all pieces but the first. */
  constructor(item: Message, memory: () => Buffer) {
    this.#item = item;
    this.#memory = memory;
  }

  /** Puts an item before those that are there. */
  prepend(object: object): void {
    const { out } = this.#encoder;
    const mark = out.size;
    this.#encoder.message(object as Record<string, unknown>, this.#item); // an object of the message: fields by JSON name
    out.lengthSince(mark);
    out.varint(tagOf(2, BYTES));
    if (out.size >= PIECE_BYTES) this.#pieces.push(out.handOver(this.#memory()));
  }

  /** All items in their order. */
  finish(): Uint8Array[] {
    this.#pieces.push(this.#encoder.out.finish());
    return this.#pieces.reverse();
  }
}

/** One event of a protobuf stream: its length in four bytes, big-endian, then a meta/v1 WatchEvent around the object in its envelope. */
export function encodeWatchFrame(type: string, object: TypedObject, message: Message): Uint8Array {
  const encoder = new MessageEncoder();
  const { out } = encoder;
  prependEnvelope(encoder, object, message);
  out.lengthSince(0);
  out.varint(tagOf(1, BYTES));
  out.lengthSince(0);
  out.varint(tagOf(2, BYTES));
  out.string(type);
  out.varint(tagOf(1, BYTES));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(out.size);
  out.raw(length);
  return out.finish();
}

/** Reads a meta/v1 WatchEvent: its type and the bytes of its object. @throws DecodeError */
export function decodeWatchEvent(bytes: Uint8Array): { type: string; object: Uint8Array } {
  return guarded(() => {
    const fields = delimitedFields(bytes);
    const object = delimitedFields(fields.get(2) ?? new Uint8Array()).get(1) ?? new Uint8Array();
    return { type: Buffer.from(fields.get(1) ?? '').toString(), object };
  });
}
