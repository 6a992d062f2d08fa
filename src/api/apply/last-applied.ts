// The way from client-side apply to server-side apply: what kubectl's annotation says was applied by the same user with other means.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/ ("Upgrading from client-side apply to server-side apply").

import { deepCopy, isObject } from '../copy.ts';
import type { KubeObject } from '../object.ts';
import type { Conflict } from './apply-conflict.ts';
import type { ApplyType } from './apply-type.ts';
import { difference, type Fields, union } from './field-set.ts';
import { changedFields, compareValues } from './typed-compare.ts';
import { fieldsOf } from './typed-fields.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager whose applies go on from where its client-side applies have ended. */
export const KUBECTL = 'kubectl';

/** The annotation of an object, or undefined. */
export function lastApplied(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[LAST_APPLIED];
}

/** The annotation that stands for an applied configuration. */
export function lastAppliedText(config: Record<string, unknown>): string {
  const copy = deepCopy(config);
  const { metadata } = copy;
  if (isObject(metadata) && isObject(metadata['annotations'])) delete metadata['annotations'][LAST_APPLIED];
  return `${JSON.stringify(copy)}\n`;
}

/** Sets the annotation in a draft. */
export function setLastApplied(object: KubeObject, text: string): void {
  object.metadata.annotations = { ...object.metadata.annotations, [LAST_APPLIED]: text };
}

/** The conflicts that are left when those about fields that still are as kubectl's client-side apply has set them are no conflicts. */
export function conflictsBeyondLastApplied(conflicts: readonly Conflict[], live: KubeObject, type: ApplyType): readonly Conflict[] {
  const allowed = unchangedFields(live, type);
  return conflicts.flatMap((conflict): Conflict[] => {
    const fields = difference(conflict.fields, allowed);
    return fields ? [{ ...conflict, fields }] : [];
  });
}

function unchangedFields(live: KubeObject, type: ApplyType): Fields {
  const applied = parsed(lastApplied(live));
  if (!isObject(applied) || applied['apiVersion'] !== live.apiVersion) return undefined;
  const change = compareValues(applied, live, type);
  return difference(fieldsOf(applied, type), union(changedFields(change), change?.removed));
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // an annotation anybody may have written
  }
}
