// Failures of joining a cluster.

import { hasCode, KtsError } from '../../base/errors.ts';

/** Codes of KtsError thrown by agent/join. */
export type JoinErrorCode =
  /** The token is not in one of its forms. */
  | 'join-token-invalid'
  /** The server's authority is not the one the token names: another cluster, or someone in between. */
  | 'join-authority-mismatch'
  /** The server refuses the token or the node's name. */
  | 'join-refused'
  /** A certificate request was denied or failed. */
  | 'join-certificate-refused'
  /** The server cannot be reached or is not ready: trying again may help. */
  | 'join-unavailable';

/** A failure with its code. */
export function joinError(code: JoinErrorCode, message: string, cause?: unknown): KtsError<JoinErrorCode> {
  return new KtsError(code, message, cause === undefined ? {} : { cause });
}

/** Whether trying again cannot help. */
export function isFinalJoinError(error: unknown): boolean {
  const final: JoinErrorCode[] = ['join-token-invalid', 'join-authority-mismatch', 'join-refused', 'join-certificate-refused'];
  return final.some((code) => hasCode(error, code));
}
