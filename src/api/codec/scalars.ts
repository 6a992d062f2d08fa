// Reading of scalar values and special forms from JSON values: each yields the canonical value or says what is wrong with it.

import { quantityFault, tryParseQuantity } from '../quantity.ts';
import { DecodeError } from './errors.ts';
import { canonicalTime, formatDuration, parseDuration } from './time.ts';

/** Raised by a reader for a value of the wrong JSON type; the decoder adds the path. `shown` is a number's text, where it matters. */
export class WrongType {
  readonly shown: string;
  /** Another type than the field's own, where upstream names another. */
  readonly type: string | undefined;

  constructor(shown = '', type?: string) {
    this.shown = shown;
    this.type = type;
  }
}

/** Reads one value. @throws WrongType, DecodeError */
export type ScalarReader = (value: unknown) => unknown;

function readString(value: unknown): unknown {
  if (typeof value !== 'string') throw new WrongType();
  return value;
}

function readBool(value: unknown): unknown {
  if (typeof value !== 'boolean') throw new WrongType();
  return value;
}

/** Integers between the bounds. Those beyond 2⁵³ are the nearest a JavaScript number can be. */
function integerReader(min: number, max: number): ScalarReader {
  return (value) => {
    if (typeof value !== 'number') throw new WrongType();
    if (!Number.isInteger(value) || value < min || value > max) throw new WrongType(` ${value}`);
    return value + 0; // -0 is 0
  };
}

function readDouble(value: unknown): unknown {
  if (typeof value !== 'number') throw new WrongType();
  return value;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readBytes(value: unknown): unknown {
  if (typeof value !== 'string') throw new WrongType();
  const text = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value;
  if (BASE64.test(text)) return text;
  const bad = text.search(/[^A-Za-z0-9+/]/);
  throw new DecodeError('type', `illegal base64 data at input byte ${bad < 0 ? text.length - (text.length % 4) : bad}`);
}

function readQuantity(value: unknown): unknown {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : JSON.stringify(value);
  // Most quantities are plain small integers: no arithmetic for them. Those that end in three zeros are written with a suffix.
  if (/^[1-9]\d{0,14}$/.test(text) && !text.endsWith('000')) return text;
  const quantity = tryParseQuantity(text);
  if (!quantity) throw new DecodeError('type', quantityFault(text));
  return quantity.toString();
}

const MAX_INT32 = 2_147_483_647;

function readIntOrString(value: unknown): unknown {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') throw new WrongType('', 'int32');
  if (!Number.isInteger(value) || Math.abs(value) > MAX_INT32) throw new WrongType(` ${value}`, 'int32');
  return value + 0;
}

function timeReader(form: 'time' | 'microtime'): ScalarReader {
  return (value) => {
    if (typeof value !== 'string') throw new WrongType('', 'string');
    return canonicalTime(value, form);
  };
}

function readDuration(value: unknown): unknown {
  if (typeof value !== 'string') throw new WrongType('', 'string');
  return formatDuration(parseDuration(value));
}

/** Readers by type; the types without one (`any`, `raw`, `fieldsv1`, `json`) take any JSON value. */
export const SCALAR_READERS: Readonly<Record<string, ScalarReader>> = {
  string: readString,
  bool: readBool,
  int32: integerReader(-MAX_INT32 - 1, MAX_INT32),
  int64: integerReader(-(2 ** 63), 2 ** 63),
  uint32: integerReader(0, 2 ** 32 - 1),
  uint64: integerReader(0, 2 ** 64),
  double: readDouble,
  float: readDouble,
  bytes: readBytes,
  quantity: readQuantity,
  intstr: readIntOrString,
  time: timeReader('time'),
  microtime: timeReader('microtime'),
  duration: readDuration,
};
