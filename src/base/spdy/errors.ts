// Failures of upgraded connections: SPDY streams and the HTTP request that opens them.

import { KtsError } from '../errors.ts';

/**
 * - `spdy-protocol`: the peer sent what is not SPDY/3.1, or more than a bound allows; the connection is gone.
 * - `spdy-reset`: the peer reset one stream.
 * - `spdy-closed`: the connection ended while the stream was open, or is closing.
 * - `upgrade-refused`: the server answered the upgrade request with another status than 101 (see UpgradeRefusedError).
 * - `upgrade-failed`: no answer: the connection could not be made or broke.
 */
export type SpdyErrorCode = 'spdy-protocol' | 'spdy-reset' | 'spdy-closed' | 'upgrade-refused' | 'upgrade-failed';

/** A failure of an upgraded connection. */
export class SpdyError extends KtsError<SpdyErrorCode> {}

/** The answer of a server that did not switch protocols. */
export class UpgradeRefusedError extends SpdyError {
  /** HTTP status code. */
  readonly status: number;
  readonly contentType: string;
  /** The body, at most 64 KiB of it. */
  readonly body: string;

  constructor(status: number, contentType: string, body: string) {
    super('upgrade-refused', body.trim() || `server answered ${status} to the upgrade request`, { fields: { status } });
    this.status = status;
    this.contentType = contentType;
    this.body = body;
  }
}
