// Which answers the API server may give, whatever it is asked: pure.

import { gunzipSync } from 'node:zlib';
import { decodeEnvelope } from '../../src/api/codec/protobuf.ts';
import type { FuzzRequest } from './request-maker.ts';

/** An answer as bytes. */
export interface Answer {
  readonly code: number;
  readonly type: string;
  readonly encoding: string;
  readonly body: Buffer;
  /** The client left before the end. */
  readonly cut: boolean;
}

const EXPECTED: ReadonlySet<number> = new Set([200, 201, 202, 301, 304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429]);

/**
 * 5xx that are documented: a version that is not reached or a deadline (504), what is behind a proxy does not answer (503), and what
 * upstream answers to an apply that does not fit its type (500).
 */
function mayFail({ method, path }: FuzzRequest, code: number, text: string): boolean {
  if (code === 504) return text.includes('Timeout') || (method === 'HEAD' && path.includes('resourceVersion'));
  if (code === 500) return text.includes('failed to create typed patch object');
  return code === 503 && /\/(proxy|log|exec|attach|portforward)\b/.test(path);
}

/** What is wrong with the answer; undefined when nothing is. */
export function faultOf(request: FuzzRequest, answer: Answer): string | undefined {
  const body = answer.encoding === 'gzip' && !answer.cut ? gunzipSync(answer.body) : answer.body;
  const text = body.toString('utf8');
  if (!EXPECTED.has(answer.code) && !mayFail(request, answer.code, text)) return `unexpected code ${answer.code}`;
  if (request.method === 'HEAD' || answer.cut || /\bwatch\b/.test(request.path)) return undefined;
  if (answer.type.includes('protobuf')) return protobufFault(body);
  if (!answer.type.includes('json')) return undefined;
  return answer.code >= 400 ? statusFault(answer.code, text) : jsonFault(text);
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return 'the answer is no JSON';
  }
}

/** Failures are told as a Status that says its own code. */
function statusFault(code: number, body: string): string | undefined {
  if (body === '' || jsonFault(body)) return 'the failure is not told as JSON';
  const status = JSON.parse(body) as { kind?: string; code?: number; reason?: string; message?: string };
  if (status.kind !== 'Status') return undefined;
  if (status.code !== code) return `the Status says ${status.code}`;
  // Upstream gives no reason for its 500.
  const silent = (status.reason === undefined && code !== 500) || status.message === undefined;
  // Upstream's own words for schemas: "must be undefined to be structural".
  const text = (status.message ?? '').replaceAll(/\b(be|or) undefined\b/g, '');
  return silent || /undefined|\[object |NaN/.test(text) ? 'the Status does not say why' : undefined;
}

function protobufFault(body: Buffer): string | undefined {
  try {
    decodeEnvelope(body);
    return undefined;
  } catch {
    return 'the answer is no protobuf';
  }
}
