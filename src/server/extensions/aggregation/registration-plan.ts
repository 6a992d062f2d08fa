// What is to be done about the APIService of one group version that this server serves, or served: the decision, pure.

import { AUTOMANAGED_LABEL } from '../../../api/api-services.ts';
import type { APIService } from '../../../api/types/apiregistration-v1.gen.ts';

/** What there is. */
export interface RegistrationState {
  /** The APIService to be; undefined when the group version is not served (any more). */
  readonly desired: APIService | undefined;
  readonly current: APIService | undefined;
  /** Whether it has been made right since this start. */
  readonly isSettled: boolean;
  /** Whether `current` was there when the server started. */
  readonly wasThere: boolean;
}

/** What to do. */
export type RegistrationStep = 'none' | 'create' | 'update' | 'delete';

/**
 * Decides. An APIService without the label is its owner's; one of a built-in group is made right once after a start, so that an operator
 * may change or delete it until the next; one of custom resources all the time.
 */
export function registrationStep({ desired, current, isSettled, wasThere }: RegistrationState): RegistrationStep {
  const managed = current?.metadata.labels?.[AUTOMANAGED_LABEL];
  const onlyOnce = desired?.metadata.labels?.[AUTOMANAGED_LABEL] === 'onstart';
  if (onlyOnce && isSettled) return 'none';
  if (!current) return desired ? 'create' : 'none';
  if (managed !== 'onstart' && managed !== 'true') return 'none';
  if (managed === 'onstart' && (!wasThere || isSettled)) return 'none';
  if (!desired) return 'delete';
  return sameSpec(desired, current) ? 'none' : 'update';
}

function sameSpec({ spec: a }: APIService, { spec: b }: APIService): boolean {
  return (
    !b.service &&
    !b.caBundle &&
    !b.insecureSkipTLSVerify &&
    a.groupPriorityMinimum === b.groupPriorityMinimum &&
    a.versionPriority === b.versionPriority
  );
}
