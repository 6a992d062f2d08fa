// CustomResourceDefinitions: which versions are stored is remembered in the status, and a deletion waits until the instances are gone.

import type { FieldError } from '../../../api/status-error.ts';
import { isKnownFormat } from '../../../api/structural/formats.ts';
import { loadPatterns } from '../../../api/structural/patterns.ts';
import { eachSchema } from '../../../api/structural/schema.ts';
import type { CustomResourceDefinition } from '../../../api/types/apiextensions-v1.gen.ts';
import { definitionFaults, definitionStatusFaults } from '../../../api/validation/apiextensions.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { Strategy } from '../strategy.ts';

/** Holds a definition until its instances are deleted. */
const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Adds the storage version to those that objects may be stored in. */
function noteStored({ spec, status }: CustomResourceDefinition): string[] {
  const stored = status?.storedVersions ?? [];
  const current = spec.versions.find(({ storage }) => storage)?.name;
  return current === undefined || stored.includes(current) ? stored : [...stored, current];
}

function hasRules({ spec }: CustomResourceDefinition): boolean {
  const schemas = spec.versions.flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  for (const schema of schemas) for (const part of eachSchema(schema)) if (part['x-kubernetes-validations']) return true;
  return false;
}

/** Formats that nobody will check. */
function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  const parts = spec.versions.flatMap(({ schema }) => (schema?.openAPIV3Schema ? [...eachSchema(schema.openAPIV3Schema)] : []));
  return parts.flatMap(({ format, type }) => (format && !isKnownFormat(format, type ?? '') ? [format] : []));
}

/** Strategy of definitions. */
export const customResourceDefinitionStrategy: Strategy<CustomResourceDefinition> = {
  prepareForCreate(definition) {
    const empty = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
    definition.status = { ...empty, storedVersions: noteStored({ ...definition, status: empty }) };
  },
  prepareForUpdate(definition) {
    // The status is the old one here; its objects are shared.
    if (definition.status) definition.status = { ...definition.status, storedVersions: noteStored(definition) };
  },
  holdOnDelete: ({ metadata }) => metadata.deletionTimestamp === undefined,
  markDeleted(definition, nowMs) {
    const { finalizers = [] } = definition.metadata;
    if (finalizers.includes(CLEANUP_FINALIZER)) return;
    definition.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
    const terminating = {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: rfc3339(nowMs),
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    };
    const conditions = definition.status?.conditions?.filter(({ type }) => type !== 'Terminating') ?? [];
    definition.status = { ...definition.status, conditions: [...conditions, terminating] };
  },
  async validate(definition, old, { warn }) {
    if (old && definition.spec === old.spec) return definitionStatusFaults(definition);
    const faults = await specFaults(definition, old);
    const former = new Set(old && unknownFormats(old));
    if (faults.length === 0)
      for (const format of unknownFormats(definition)) if (!former.has(format)) warn(`unrecognized format ${JSON.stringify(format)}`);
    return faults;
  },
};

async function specFaults(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): Promise<FieldError[]> {
  const patterns = await loadPatterns();
  // CEL is loaded with the first rule.
  if (!hasRules(definition)) return definitionFaults(definition, old, { patterns, rules: () => [], defaults: () => () => [] });
  const { ruleCheckFaults: rules } = await import('../../../api/structural/rule-check.ts');
  const { defaultRules: defaults } = await import('../../../api/structural/default-rules.ts');
  return definitionFaults(definition, old, { patterns, rules, defaults });
}
