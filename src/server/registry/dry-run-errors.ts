// The one value of dryRun that there is.

import type { FieldError } from '../../api/status-error.ts';
import { notSupported } from '../../api/validation/field-error.ts';

/** What is wrong with the values of `dryRun`: a write that would do less than all stages of a dry run does not exist. */
export function dryRunErrors(dryRun: readonly string[] = []): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];
}
