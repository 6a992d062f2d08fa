// Errors of the CRI part. Callers ask the predicates; the runtime's own text is the message, because users know it from events.

import { hasCode, KtsError } from '../base/errors.ts';

/**
 * - `cri-not-found`: no such sandbox, container or image (gRPC 5)
 * - `cri-deadline`: the call or the command in the container took too long (gRPC 4)
 * - `cri-unimplemented`: this runtime does not know the method (gRPC 12)
 * - `cri-unavailable`: the runtime cannot be reached (gRPC 14)
 * - `cri-exists`: the thing is already there (gRPC 6)
 * - `cri-failed`: anything else the runtime answers
 * - `cri-protocol`: the answer cannot be read
 * - `containerd-missing`: the containerd or runc program is not installed
 * - `containerd-start`: containerd does not come up
 * - `image-import`: an image archive cannot be imported
 */
export type CriErrorCode =
  | 'cri-not-found'
  | 'cri-deadline'
  | 'cri-unimplemented'
  | 'cri-unavailable'
  | 'cri-exists'
  | 'cri-failed'
  | 'cri-protocol'
  | 'containerd-missing'
  | 'containerd-start'
  | 'image-import';

/** An error of this part. */
export function criError(code: CriErrorCode, message: string, cause?: unknown): KtsError<CriErrorCode> {
  return new KtsError<CriErrorCode>(code, message, { cause });
}

/** Codes by gRPC status number; the others are `cri-failed`. */
const BY_STATUS: Readonly<Record<number, CriErrorCode>> = {
  4: 'cri-deadline',
  5: 'cri-not-found',
  6: 'cri-exists',
  12: 'cri-unimplemented',
  14: 'cri-unavailable',
};

/** An error from a gRPC status, with the runtime's text as message. */
export function errorOfStatus(status: number, details: string): KtsError<CriErrorCode> {
  return criError(BY_STATUS[status] ?? 'cri-failed', details);
}

/** Whether the sandbox, container or image is not there. */
export const isCriNotFound = (error: unknown): boolean => hasCode(error, 'cri-not-found');
/** Whether the runtime does not know the method. */
export const isCriUnimplemented = (error: unknown): boolean => hasCode(error, 'cri-unimplemented');
