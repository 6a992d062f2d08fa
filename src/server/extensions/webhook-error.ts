// Failures of calls to webhooks, in the words that users of Kubernetes know from Go's HTTP and TLS: they end up in the messages of
// refused requests and in conditions, and are searched for there.

import { StatusError } from '../../api/status-error.ts';
import type { Status } from '../../api/types/meta-v1.gen.ts';
import { hasCode, KtsError } from '../../base/errors.ts';
import { hostPort, type ServiceEndpoint } from './service-resolver.ts';

/**
 * - `configuration`: the target cannot be called at all (its CA bundle or URL cannot be read)
 * - `call`: no answer came, or none that can be read
 * - `timeout`: no answer came in time
 */
export type WebhookErrorCode = 'configuration' | 'call' | 'timeout';

/** A call of a webhook that failed. An answer that is itself a failure is thrown as StatusError instead. */
export class WebhookError extends KtsError<WebhookErrorCode> {}

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);
const VERIFICATION = 'tls: failed to verify certificate: x509: ';

/** What is said of a failed connection to `endpoint`. */
export function connectionFault(error: unknown, endpoint: ServiceEndpoint): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return nameFault(error);
  if (UNKNOWN_AUTHORITY.has(code)) return `${VERIFICATION}certificate signed by unknown authority`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return `${VERIFICATION}certificate has expired or is not yet valid`;
  if (code === 'ECONNREFUSED') return `dial tcp ${hostPort(endpoint)}: connect: connection refused`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${endpoint.host}: no such host`;
  if (code === 'EHOSTUNREACH') return `dial tcp ${hostPort(endpoint)}: connect: no route to host`;
  if (code === 'ENETUNREACH') return `dial tcp ${hostPort(endpoint)}: connect: network is unreachable`;
  if (code === 'ETIMEDOUT') return `dial tcp ${hostPort(endpoint)}: i/o timeout`;
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'EOF';
  return error.message;
}

/** What is said of a certificate without the name that was asked for; `error` is node:tls's, which carries both. */
function nameFault(error: Error): string {
  const { host, cert } = error as Error & { host?: string; cert?: { subjectaltname?: string } }; // as node:tls documents it
  const names = cert?.subjectaltname?.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  if (!names) return `${VERIFICATION}certificate relies on legacy Common Name field, use SANs instead`;
  return `${VERIFICATION}certificate is valid for ${names.join(', ')}, not ${host}`;
}

/** What HTTP codes say when the body does not say it better; `text` is the body of a plain text. */
const MEANINGS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  409: ['Conflict', 'the server reported a conflict'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted, but may still be processing the request'],
};

/** The Status that an answer without success stands for: the one in its body, or one made from its code. */
export function answerFault(code: number, body: { readonly value: unknown; readonly text: string }): StatusError {
  if (isStatus(body.value)) return StatusError.from({ code, ...body.value });
  const text = body.text === '' ? 'unknown' : body.text;
  if (code === 403) return new StatusError(code, 'Forbidden', text);
  const known = MEANINGS[code];
  if (known) return new StatusError(code, known[0], known[1]);
  if (code < 500) return new StatusError(code, '', `the server responded with the status code ${code} but did not return more information`);
  return new StatusError(
    code,
    'InternalError',
    `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`,
  );
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status' && 'status' in value;
}

/** Whether a kept connection was closed by the other side just when it was used again. */
export function isStaleConnection(error: unknown): boolean {
  return hasCode(error, 'ECONNRESET') || hasCode(error, 'EPIPE');
}
