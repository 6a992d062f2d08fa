// The query of a request as options: the parameters of meta/v1 ListOptions, CreateOptions and the rest, checked.

import { isTrue } from '../../api/query-flag.ts';
import { badRequest, invalid } from '../../api/status-error.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import { notSupported } from '../../api/validation/field-error.ts';
import type { RequestOptions } from '../../client/api-backend.ts';
import { dryRunErrors } from '../registry/dry-run-errors.ts';

const STRINGS = [
  'labelSelector',
  'fieldSelector',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'fieldManager',
  'fieldValidation',
] as const;
const INTEGERS = ['limit', 'timeoutSeconds'] as const;
const BOOLEANS = ['sendInitialEvents', 'allowWatchBookmarks', 'force'] as const;
const FIELD_VALIDATION = ['', 'Ignore', 'Strict', 'Warn'];

/** Parses an integer parameter. @throws StatusError BadRequest in upstream's words */
function integerOf(text: string): number {
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  const why = /^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
}

/** The options of a request. @throws StatusError BadRequest, Invalid */
export function requestOptions(query: URLSearchParams, verb: string): RequestOptions {
  if (query.size === 0) return {};
  const out: Record<string, unknown> = {};
  for (const name of STRINGS) {
    const value = query.get(name);
    if (value !== null && value !== '') out[name] = value;
  }
  for (const name of INTEGERS) {
    const value = query.get(name);
    if (value !== null && value !== '') out[name] = integerOf(value);
  }
  for (const name of BOOLEANS) if (query.has(name)) out[name] = isTrue(query.get(name));
  const dryRun = query.getAll('dryRun');
  if (dryRun.length > 0) out['dryRun'] = dryRun;
  // Each member was set under its own name with its own type above.
  const options = out as RequestOptions;
  checkOptions(options, verb);
  return options;
}

const KINDS: Readonly<Record<string, string>> = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions' };

function checkOptions({ dryRun, fieldValidation = '' }: RequestOptions, verb: string): void {
  const errors = dryRunErrors(dryRun);
  if (!FIELD_VALIDATION.includes(fieldValidation)) errors.push(notSupported('fieldValidation', fieldValidation, FIELD_VALIDATION));
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: KINDS[verb] ?? 'DeleteOptions' }, '', errors);
}

/** DeleteOptions from a query, for deletes without a body. @throws StatusError BadRequest */
export function deleteOptionsOf(query: URLSearchParams): DeleteOptions {
  const grace = query.get('gracePeriodSeconds');
  const orphan = query.get('orphanDependents');
  const policy = query.get('propagationPolicy');
  return {
    ...(grace !== null && grace !== '' && { gracePeriodSeconds: integerOf(grace) }),
    ...(orphan !== null && { orphanDependents: isTrue(orphan) }),
    ...(policy !== null && policy !== '' && { propagationPolicy: policy }),
  };
}
