// Labels of the Secrets that hold long-lived service-account tokens, and the form of the days in them.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-legacy-token-last-used

import { rfc3339 } from '../base/clock.ts';

/** The day on which the token was last used, `2026-01-31`. */
export const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used';
/** A Secret with this label holds a token that was unused for so long that it no longer counts; the value is the day since when. */
export const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since';

/** The day (UTC) of a time in ms since 1970, as these labels have it. Days compare as text. */
export function dayOf(ms: number): string {
  return rfc3339(ms).slice(0, 10);
}

/** Whether a text is such a day. */
export function isDay(text: string | undefined): text is string {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // The parser takes the 31st of February for a day of March.
  return !Number.isNaN(ms) && dayOf(ms) === text;
}
