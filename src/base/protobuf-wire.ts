// The protobuf wire, by protobufjs' reader and writer (only this file names it), and the wire types of the tables' scalars.

import type { Reader as ProtoReader, Writer as ProtoWriter } from 'protobufjs/minimal.js';
import protobuf from 'protobufjs/minimal.js';

export type { ProtoReader, ProtoWriter };

/** Wire type of integers, booleans and enums. */
export const VARINT = 0;
/** Wire type of doubles. */
export const FIXED64 = 1;
/** Wire type of everything with a length before it. */
export const BYTES = 2;
const FIXED32 = 5;

const WIRE_TYPES: Readonly<Record<string, number>> = {
  bool: VARINT,
  int32: VARINT,
  int64: VARINT,
  uint32: VARINT,
  uint64: VARINT,
  double: FIXED64,
  float: FIXED32,
};

/** The wire type of a scalar; everything else is length-delimited. */
export const wireTypeOf = (type: string): number => WIRE_TYPES[type] ?? BYTES;

/** An empty writer. */
export const newWriter = (): ProtoWriter => protobuf.Writer.create();
/** A reader of all of `bytes`; it throws a RangeError beyond the end. */
export const newReader = (bytes: Uint8Array): ProtoReader => protobuf.Reader.create(bytes);

/** The tag of a field. */
export const tagOf = (number: number, wire: number): number => ((number << 3) | wire) >>> 0;
/** Writes the tag of a field. */
export const writeTag = (writer: ProtoWriter, number: number, wire: number): ProtoWriter => writer.uint32(tagOf(number, wire));

/** A 64-bit integer as a number, the nearest one beyond 2⁵³. protobufjs gives an object where the `long` package is about. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const { low, high } = value as { low: number; high: number }; // protobufjs' Long
  return high * 2 ** 32 + (low >>> 0);
}
