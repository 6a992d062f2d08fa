// Failures of the store as the Status a client gets.

import {
  alreadyExists,
  conflict,
  type ErrorSubject,
  expired,
  internalError,
  MODIFIED,
  notFound,
  serviceUnavailable,
} from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import { StoreError } from '../store/errors.ts';

/** The error to throw for a failure of the store at an object; anything that is not of the store comes back as it is. */
export function statusOf(error: unknown, subject: ErrorSubject, name: string): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.code) {
    case 'exists':
      return alreadyExists(subject, name);
    case 'missing':
      return notFound(subject, name);
    case 'conflict':
      return conflict(subject, name, MODIFIED);
    case 'compacted':
      return expired('The resourceVersion for the provided list is too old.');
    case 'closed':
      return serviceUnavailable('the store is closed');
    default:
      return internalError(messageOf(error));
  }
}

/** Whether a write lost against another one and may be tried again. */
export function isLostRace(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 'conflict' || error.code === 'missing');
}
