// The query of /containerLogs as values: core/v1 PodLogOptions, with upstream's checks and texts. Pure.

import { isTrue } from '../../../api/query-flag.ts';
import type { LogStreams } from '../logs/cri-log.ts';

/** What a client asked for. */
export interface LogQuery {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly streams: LogStreams;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Milliseconds since 1970. */
  readonly sinceMs?: number;
}

/** Reads the query. @throws RangeError with a text for the client */
export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const tailLines = wholeNumber(query, 'tailLines', 0);
  const limitBytes = wholeNumber(query, 'limitBytes', 1);
  const sinceSeconds = wholeNumber(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime !== null)
    throw new RangeError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const sinceMs = sinceSeconds === undefined ? timeOf(sinceTime) : nowMs - sinceSeconds * 1000;
  const streams = query.get('stream') ?? 'All';
  if (streams !== 'All' && streams !== 'Stdout' && streams !== 'Stderr') {
    throw new RangeError(`stream: Unsupported value: "${streams}": supported values: "All", "Stderr", "Stdout"`);
  }
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    streams,
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceMs !== undefined && { sinceMs }),
  };
}

function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '' || (name === 'tailLines' && text === 'all')) return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < least) {
    throw new RangeError(`${name}: Invalid value: ${JSON.stringify(text)}: must be greater than or equal to ${least}`);
  }
  return value;
}

function timeOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(`sinceTime: Invalid value: ${JSON.stringify(text)}: must be an RFC 3339 time`);
  return ms;
}
