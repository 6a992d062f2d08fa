// Kubernetes' protobuf form (`application/vnd.kubernetes.protobuf`): messages by the tables, and the envelope that says of what kind
// the bytes are: the prefix `k8s\0`, then a runtime.Unknown. Rules: Kubernetes API concepts, "Kubernetes Protobuf encoding".

import { BYTES, newReader, newWriter, writeTag } from '../../base/protobuf-wire.ts';
import { groupVersionString } from '../resources.ts';
import type { Message } from '../schema/schema.ts';
import { DecodeError } from './errors.ts';
import { readMessage } from './protobuf-decode.ts';
import { writeMessage } from './protobuf-encode.ts';

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
  const writer = newWriter();
  writeMessage(writer, object as Record<string, unknown>, message); // an object of the message: fields by JSON name
  return writer.finish();
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
export function encodeEnvelope(object: { apiVersion?: string; kind?: string }, message: Message): Uint8Array {
  const { apiVersion = groupVersionString(message.package), kind = message.name } = object;
  const writer = newWriter();
  writeTag(writer, 1, BYTES).fork();
  writeTag(writer, 1, BYTES).string(apiVersion);
  writeTag(writer, 2, BYTES).string(kind);
  writer.ldelim();
  writeTag(writer, 2, BYTES).fork();
  writeMessage(writer, object as Record<string, unknown>, message); // an object of the message: fields by JSON name
  writer.ldelim();
  writeTag(writer, 3, BYTES).string('');
  writeTag(writer, 4, BYTES).string('');
  return Buffer.concat([PREFIX, writer.finish()]);
}

/** What stands before and after a message of `size` bytes in the envelope of a kind: for messages that are sent in pieces. */
export function envelopeParts(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  size: number,
): { head: Uint8Array; tail: Uint8Array } {
  const head = newWriter();
  writeTag(head, 1, BYTES).fork();
  writeTag(head, 1, BYTES).string(apiVersion);
  writeTag(head, 2, BYTES).string(kind);
  head.ldelim();
  writeTag(head, 2, BYTES).uint32(size);
  const tail = newWriter();
  writeTag(tail, 3, BYTES).string('');
  writeTag(tail, 4, BYTES).string('');
  return { head: Buffer.concat([PREFIX, head.finish()]), tail: tail.finish() };
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

/** A meta/v1 WatchEvent around an encoded object (an envelope); the stream puts a 4-byte length before each. */
export function encodeWatchEvent(type: string, object: Uint8Array): Uint8Array {
  const writer = newWriter();
  writeTag(writer, 1, BYTES).string(type);
  writeTag(writer, 2, BYTES).fork();
  writeTag(writer, 1, BYTES).bytes(object);
  writer.ldelim();
  return writer.finish();
}

/** Reads a meta/v1 WatchEvent: its type and the bytes of its object. @throws DecodeError */
export function decodeWatchEvent(bytes: Uint8Array): { type: string; object: Uint8Array } {
  return guarded(() => {
    const fields = delimitedFields(bytes);
    const object = delimitedFields(fields.get(2) ?? new Uint8Array()).get(1) ?? new Uint8Array();
    return { type: Buffer.from(fields.get(1) ?? '').toString(), object };
  });
}
