// Failures of the CNI plugin with the codes of the CNI specification ("Error": https://www.cni.dev/docs/spec/).

import { hasCode, KtsError } from '../base/errors.ts';

/** The number that goes over the wire for each code; 100 and above are the plugin's own. */
export const CNI_CODES = {
  /** The configuration asks for a CNI version that is not spoken. */
  'cni-incompatible-version': 1,
  /** CNI_* variables are missing or malformed. */
  'cni-invalid-environment': 4,
  /** The request could not be read, or the reply not written. */
  'cni-io': 5,
  /** The configuration is not JSON. */
  'cni-decode': 6,
  /** The configuration lacks something or contradicts itself. */
  'cni-invalid-config': 7,
  /** Not now: the agent is not running or the node has no pod network yet. */
  'cni-try-again': 11,
  /** STATUS: the plugin cannot serve ADD. */
  'cni-not-available': 50,
  /** No address is free. */
  'cni-no-address': 100,
  /** A link, address or route could not be made. */
  'cni-link': 101,
  /** CHECK: the container's network is not as it was made. */
  'cni-check': 102,
  /** Anything else. */
  'cni-internal': 199,
} as const;

/** Code of a CNI failure. */
export type CniErrorCode = keyof typeof CNI_CODES;

/** A CNI failure; `cause` becomes the reply's `details`. */
export function cniError(code: CniErrorCode, message: string, cause?: unknown): KtsError<CniErrorCode> {
  return new KtsError(code, message, cause === undefined ? {} : { cause });
}

/** The wire number of anything thrown; 199 for what is not a CNI failure. */
export function cniCodeOf(error: unknown): number {
  for (const [code, number] of Object.entries(CNI_CODES)) if (hasCode(error, code)) return number;
  return CNI_CODES['cni-internal'];
}
