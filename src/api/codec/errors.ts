// Faults of reading objects. Their texts are those of upstream's decoders, so that users find them where they search.

import { KtsError } from '../../base/errors.ts';
import { type GroupVersionKind, groupVersionString } from '../resources.ts';
import { StatusError } from '../status-error.ts';

/**
 * - `syntax`: not JSON, or no protobuf of that message
 * - `type`: a value of the wrong type, or not of the form of its type (time, quantity …)
 * - `strict`: unknown or duplicate fields, in strict reading
 */
export type DecodeErrorCode = 'syntax' | 'type' | 'strict';

/** A body that cannot be read as the object it should be. */
export class DecodeError extends KtsError<DecodeErrorCode> {}

/** The BadRequest that a failure to read becomes. */
export class UnreadableObject extends StatusError {
  /** What is wrong, without the kind that it could not be. */
  readonly why: string;

  constructor(message: string, why: string) {
    super(400, 'BadRequest', message);
    this.why = why;
  }
}

/** The BadRequest that a DecodeError (or any other failure to read) becomes: `Pod in version "v1" cannot be handled as a Pod: …`. */
export function cannotBeHandled(gvk: GroupVersionKind, error: unknown): UnreadableObject {
  const why = error instanceof Error ? error.message : String(error);
  const version = JSON.stringify(groupVersionString(gvk).split('/').at(-1));
  return new UnreadableObject(`${gvk.kind} in version ${version} cannot be handled as a ${gvk.kind}: ${why}`, why);
}
