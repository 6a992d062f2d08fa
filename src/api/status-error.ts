// Failures of the API as values: one class that carries a meta/v1 Status, and a constructor per reason.
// Reasons, codes and message forms: Kubernetes API conventions, "Response Status Kind".

import { quotedText } from './quoted-text.ts';
import { groupResourceString } from './resources.ts';
import type { Status, StatusCause, StatusDetails } from './types/meta-v1.gen.ts';

/** The resource (or kind) an error is about. */
export interface ErrorSubject {
  readonly group: string;
  /** Plural resource name, or the kind where upstream names the kind. */
  readonly resource: string;
}

/** An API failure. Its `status` is what goes over the wire. */
export class StatusError extends Error {
  readonly status: Status & { code: number; message: string };

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'StatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== '' && { reason }),
      ...(details && { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }

  /** A StatusError from a Status received from a server. */
  static from(status: Status): StatusError {
    return new StatusError(status.code ?? 500, status.reason ?? '', status.message ?? '', status.details);
  }
}

/** Whether `error` is a StatusError of one of the reasons. */
export function hasReason(error: unknown, ...reasons: string[]): error is StatusError {
  return error instanceof StatusError && reasons.includes(error.reason);
}

/** Whether the object, or the resource, is not there (404). */
export const isNotFound = (error: unknown): error is StatusError => hasReason(error, 'NotFound');
/** Whether the name is taken (409). */
export const isAlreadyExists = (error: unknown): error is StatusError => hasReason(error, 'AlreadyExists');
/** Whether a newer version, or a failed precondition, was in the way (409). */
export const isConflict = (error: unknown): error is StatusError => hasReason(error, 'Conflict');
/** The resource version is too old to be served from: list again. */
export const isExpired = (error: unknown): error is StatusError => hasReason(error, 'Expired', 'Gone');

const detailsOf = (subject: ErrorSubject, name: string, extra?: Partial<StatusDetails>): StatusDetails => ({
  name,
  ...(subject.group && { group: subject.group }),
  kind: subject.resource,
  ...extra,
});

/** 404: `pods "web" not found`. */
export function notFound(subject: ErrorSubject, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${groupResourceString(subject)} ${quotedText(name)} not found`, detailsOf(subject, name));
}

/** 409: `pods "web" already exists`. */
export function alreadyExists(subject: ErrorSubject, name: string): StatusError {
  return new StatusError(
    409,
    'AlreadyExists',
    `${groupResourceString(subject)} ${quotedText(name)} already exists`,
    detailsOf(subject, name),
  );
}

/** 409: `Operation cannot be fulfilled on pods "web": <why>`. */
export function conflict(subject: ErrorSubject, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${groupResourceString(subject)} ${quotedText(name)}: ${why}`;
  return new StatusError(409, 'Conflict', message, detailsOf(subject, name));
}

/** The `why` of a conflict of resource versions. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** 400 with any text. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** 401. */
export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError(401, 'Unauthorized', message);
}

/** 403: `pods "web" is forbidden: <why>`; without a name `pods is forbidden: <why>`. */
export function forbidden(subject: ErrorSubject, name: string, why: string): StatusError {
  const what = groupResourceString(subject);
  const message = `${name === '' ? what : `${what} ${quotedText(name)}`} is forbidden: ${why}`;
  return new StatusError(403, 'Forbidden', message, detailsOf(subject, name));
}

/** One fault of a field: upstream's field.Error. */
export interface FieldError {
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldValueDuplicate`, `FieldValueForbidden`, `FieldValueNotSupported`, `FieldValueNotFound`, `FieldValueTooLong`, `FieldValueTooMany`, `FieldValueTypeInvalid`, `InternalError`. */
  readonly type: string;
  /** Path from the object's root, e.g. `spec.containers[0].name`. */
  readonly field: string;
  /** The text after the field, e.g. `Invalid value: "A": must be lower case`. */
  readonly detail: string;
}

/** 422: `Pod "web" is invalid: <field>: <detail>`, several in brackets. `subject.resource` is the kind. */
export function invalid(subject: ErrorSubject, name: string, errors: readonly FieldError[]): StatusError {
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.detail}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const what = subject.group ? `${subject.resource}.${subject.group}` : subject.resource;
  const causes: StatusCause[] = errors.map((e) => ({ reason: e.type, message: e.detail, field: e.field }));
  return new StatusError(422, 'Invalid', `${what} ${quotedText(name)} is invalid: ${list}`, detailsOf(subject, name, { causes }));
}

/** 410: a resource version or continue token that is no longer served. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

/** 500. */
export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** 503. */
export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message);
}
