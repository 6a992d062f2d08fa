// How custom resources are written: generation, the status sub-resource, and validation against the schema of the version.

import { deepCopy, deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status-error.ts';
import { objectFaults, type Validated } from '../../api/structural/object-validation.ts';
import type { CustomResourceDefinitionVersion } from '../../api/types/apiextensions-v1.gen.ts';
import type { Strategy } from '../registry/strategy.ts';
import { scaleFaults } from './custom-scale.ts';

/** What of the definition matters to writes. */
export interface CustomStrategyOptions {
  readonly version: CustomResourceDefinitionVersion;
  /** The validator of the version's schema, made when first used. */
  readonly validated: () => Promise<Validated>;
  /** The definition is being deleted. */
  readonly terminating: boolean;
}

/** The fields that a user's wish is in. */
function wish(object: KubeObject, hasStatus: boolean): object {
  const { metadata: _m, ...rest } = object;
  if (!hasStatus) return rest;
  const { status: _s, ...wished } = rest as { status?: unknown };
  return wished;
}

/** The strategy of one version. */
export function customStrategy({ version, validated, terminating }: CustomStrategyOptions): Strategy {
  const hasStatus = version.subresources?.status !== undefined;
  const scale = version.subresources?.scale;
  return {
    prepareForCreate(object) {
      if (terminating) throw new StatusError(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating');
      if (hasStatus) Reflect.deleteProperty(object, 'status');
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old) {
      if (!deepEqual(wish(object, hasStatus), wish(old, hasStatus))) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    prepareForStatusUpdate(object, old) {
      const status: unknown = Reflect.get(object, 'status');
      const { managedFields } = object.metadata;
      for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
      Object.assign(object, deepCopy(old));
      if (managedFields) object.metadata.managedFields = managedFields;
      if (status === undefined) Reflect.deleteProperty(object, 'status');
      else Reflect.set(object, 'status', status);
    },
    async validate(object, old, context) {
      const faults = objectFaults(await validated(), { object, old, warn: context.warn });
      return [...faults, ...scaleFaults(object, scale)];
    },
  };
}
