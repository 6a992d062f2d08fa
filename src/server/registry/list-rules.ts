// Which state a read, list or watch is asked for: the rules of resourceVersion, resourceVersionMatch, continue and sendInitialEvents,
// as a pure decision. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions

import { badRequest, type FieldError, invalid, StatusError } from '../../api/status-error.ts';
import type { RequestOptions } from '../../client/api-backend.ts';
import { decodeContinue } from './continue-token.ts';

/** Where a list reads. */
export interface ListPlan {
  /** Exactly this revision; undefined = the newest. */
  readonly revision: number | undefined;
  /** The key (without prefix) after which the page starts. */
  readonly after: string | undefined;
  /** Most objects of the page. */
  readonly limit: number | undefined;
}

/** What a watch starts with. */
export interface WatchPlan {
  /** Begin with the current objects as ADDED events. */
  readonly initial: boolean;
  /** Then mark their end with a bookmark. */
  readonly markEnd: boolean;
  /** Events after this revision; meaningless with `initial`. */
  readonly from: number;
}

const SUBJECT = { group: 'meta.k8s.io', resource: 'ListOptions' };

const MATCH = 'resourceVersionMatch';

function forbidden(field: string, why: string): FieldError {
  return { type: 'FieldValueForbidden', field, detail: `Forbidden: ${why}` };
}

function unsupportedMatch(match: string, supported: readonly string[]): FieldError {
  const detail = `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field: MATCH, detail };
}

/** @throws StatusError Invalid with all that is wrong */
function demandNone(faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalid(SUBJECT, '', faults);
}

/** A resourceVersion as a number; `''` and `'0'` are 0, undefined is none. */
function revisionOf(text: string): number | undefined {
  if (text === '' || text === '0') return 0;
  const value = /^\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function resourceVersionFault(text: string): string {
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  return `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;
}

/** A resourceVersion as a number; `''` and `'0'` are 0. @throws StatusError */
export function parseResourceVersion(text = ''): number {
  const value = revisionOf(text);
  if (value !== undefined) return value;
  throw invalid(SUBJECT, '', [{ type: 'FieldValueInvalid', field: 'resourceVersion', detail: resourceVersionFault(text) }]);
}

/** 504: the client has seen a revision that this server has not reached. */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  return new StatusError(504, 'Timeout', `Timeout: ${message}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** 410 with a token that goes on with an inconsistent list. */
export function continueExpired(inconsistent: string): StatusError {
  const error = new StatusError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue ' +
      'parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided ' +
      'token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was ' +
      'returned and now may show up in the list.',
  );
  error.status.metadata = { continue: inconsistent };
  return error;
}

/** What is wrong with the options of a list. */
function listFaults({
  resourceVersionMatch: match = '',
  resourceVersion = '',
  sendInitialEvents,
  ...options
}: RequestOptions): FieldError[] {
  const faults: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') faults.push(forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (options.continue) faults.push(forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') faults.push(unsupportedMatch(match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && resourceVersion === '0')
      faults.push(forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined) faults.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return faults;
}

/** What is wrong with the options of a watch. */
function watchFaults({ resourceVersionMatch: match = '', sendInitialEvents, ...options }: RequestOptions): FieldError[] {
  const faults: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    faults.push(forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (match === '') return faults;
  if (sendInitialEvents === undefined)
    faults.push(forbidden(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (match !== 'NotOlderThan') faults.push(unsupportedMatch(match, ['NotOlderThan']));
  if (options.continue) faults.push(forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
  return faults;
}

/** Decides where a list reads. `current` is the newest revision. @throws StatusError */
export function planList(options: RequestOptions, current: number): ListPlan {
  demandNone(listFaults(options));
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : undefined;
  const { resourceVersion = '' } = options;
  if (options.continue) {
    const token = decodeContinue(options.continue);
    if (resourceVersion !== '' && resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    return { revision: token.revision > 0 ? token.revision : undefined, after: token.after, limit };
  }
  const asked = revisionOf(resourceVersion);
  if (asked === undefined) throw badRequest(`invalid resource version: resourceVersion: ${resourceVersionFault(resourceVersion)}`);
  if (asked > current) throw tooLargeResourceVersion(asked, current);
  // With a limit and no match, a resource version means exactly that one (legacy behaviour that clients rely on).
  const exact = options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && limit !== undefined && asked > 0);
  return { revision: exact ? asked : undefined, after: undefined, limit };
}

/** Decides how a watch starts. @throws StatusError */
export function planWatch(options: RequestOptions, current: number): WatchPlan {
  demandNone(watchFaults(options));
  const { sendInitialEvents } = options;
  const asked = parseResourceVersion(options.resourceVersion);
  if (asked > current && sendInitialEvents === true) throw tooLargeResourceVersion(asked, current);
  if (sendInitialEvents === true) return { initial: true, markEnd: options.allowWatchBookmarks === true, from: 0 };
  if (sendInitialEvents === false && asked === 0) return { initial: false, markEnd: false, from: current };
  return { initial: asked === 0, markEnd: false, from: asked };
}
