// The options of a deletion: what they may say, and what they demand of the object. Pure.

import type { KubeObject } from '../../api/object.ts';
import { conflict, type FieldError, invalid } from '../../api/status-error.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import { invalidValue, notSupported } from '../../api/validation/field-error.ts';
import { dryRunErrors } from './dry-run-errors.ts';
import { kindSubject, type ServedResource } from './served-resource.ts';

/** In upstream's order; `nil` stands for none. */
const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil'];

/** Checks the options alone, before anything is looked up. @throws StatusError Invalid */
export function checkDeleteOptions({ propagationPolicy, orphanDependents, dryRun }: DeleteOptions): void {
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    errors.push(invalidValue('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'));
  } else if (propagationPolicy !== undefined && (propagationPolicy === 'nil' || !POLICIES.includes(propagationPolicy))) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, POLICIES));
  }
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: 'DeleteOptions' }, '', errors);
}

/** Holds an object against the preconditions of a deletion. @throws StatusError Conflict */
export function checkPreconditions(served: ServedResource, object: KubeObject, { preconditions = {} }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions;
  const { metadata } = object;
  const fail = (what: string, values: { asked: string; found: string | undefined }, guess: string): never => {
    const why = `the ${what} in the precondition (${values.asked}) does not match the ${what} in record (${values.found ?? ''})`;
    throw conflict(kindSubject(served.info), metadata.name ?? '', `${why}. The object might have been ${guess}`);
  };
  if (uid !== undefined && uid !== metadata.uid) fail('UID', { asked: uid, found: metadata.uid }, 'deleted and then recreated');
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    fail('ResourceVersion', { asked: resourceVersion, found: metadata.resourceVersion }, 'modified');
}
