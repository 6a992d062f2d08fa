// Failures of the cluster's certificates.

import { KtsError } from '../../base/errors.ts';

/**
 * - `authority-broken`: an authority's certificate and key are not a pair, one is missing, or they cannot be read: making new ones would lock every node out
 * - `token-invalid`: a join token that is not in one of its forms
 */
export type PkiErrorCode = 'authority-broken' | 'token-invalid';

/** A failure of the cluster's certificates or tokens. */
export class PkiError extends KtsError<PkiErrorCode> {}
