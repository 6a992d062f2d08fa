// Validation of CustomResourceDefinitions. What all versions have in common is told of at `spec.validation`, `spec.subresources` …, and not at
// each version: so do upstream's paths, which come from its internal form.

import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import { defaultFaults, type HoldDefault } from '../structural/default-check.ts';
import type { Patterns } from '../structural/patterns.ts';
import { eachSchema, type Schema } from '../structural/schema.ts';
import { structuralFaults } from '../structural/structural-check.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../types/apiextensions-v1.gen.ts';
import { APPROVED_ANNOTATION, approvalOf, isProtectedGroup } from './api-approval.ts';
import {
  columnFaults,
  conversionBundleFaults,
  conversionFaults,
  definitionNameFaults,
  deprecationFaults,
  scaleDefinitionFaults,
  selectableFaults,
} from './definition-parts.ts';
import { definitionSchemaFaults } from './definition-schema.ts';
import { forbiddenValue, IMMUTABLE, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { dns1035Label, dnsSubdomain } from './object-meta.ts';

/** Checks the expressions of a schema (x-kubernetes-validations) that is right otherwise; `old` = the schema as it was, if it was. */
export type CheckRules = (schema: Schema, path: string, old: Schema | undefined) => FieldError[];

/** What validation is done with. */
export interface DefinitionContext {
  readonly patterns: Patterns;
  readonly rules: CheckRules;
  /** Makes the check that holds the defaults of one schema against its rules. */
  readonly defaults: () => HoldDefault;
}

/** The faults of a new or updated definition beyond its metadata. */
export function definitionFaults(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  context: DefinitionContext,
): FieldError[] {
  const { spec, status } = definition;
  const { name = '' } = definition.metadata;
  const wrongName =
    name === '' || name === `${spec.names.plural}.${spec.group}`
      ? []
      : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
  return [
    ...(old ? [] : wrongName),
    ...specFaults(spec, old?.spec, context),
    ...(old ? changeFaults(spec, old) : []),
    ...definitionNameFaults(status?.acceptedNames ?? { plural: '', kind: '' }, 'status.acceptedNames'),
    ...storedVersionFaults(status?.storedVersions ?? [], spec.versions),
    ...approvalFaults(definition, old),
    ...(spec.preserveUnknownFields && !old?.spec.preserveUnknownFields ? [keepingFault()] : []),
  ];
}

/** The faults of a definition's status, when only that is written. */
export function definitionStatusFaults({ status }: CustomResourceDefinition): FieldError[] {
  return definitionNameFaults(status?.acceptedNames ?? { plural: '', kind: '' }, 'status.acceptedNames');
}

const keepingFault = (): FieldError =>
  invalidValue(
    'spec.preserveUnknownFields',
    true,
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  );

function specFaults(
  spec: CustomResourceDefinitionSpec,
  old: CustomResourceDefinitionSpec | undefined,
  context: DefinitionContext,
): FieldError[] {
  return [
    ...groupFaults(spec.group),
    ...scopeFaults(spec.scope),
    ...missingSchemaFaults(spec),
    ...keptDefaultFaults(spec),
    ...versionFaults(spec, old, context),
    ...requiredNameFaults(spec),
    ...definitionNameFaults(spec.names, 'spec.names'),
    ...commonFaults(spec, old, context),
    ...keptConversionFaults(spec),
    ...conversionFaults(spec.conversion, 'spec.conversion'),
  ];
}

function groupFaults(group: string): FieldError[] {
  if (group === '') return [requiredValue('spec.group')];
  const faults = dnsSubdomain(group);
  if (faults.length > 0) return [invalidValue('spec.group', group, faults.join(','))];
  return group.includes('.') ? [] : [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeFaults(scope: string): FieldError[] {
  if (scope === '') return [requiredValue('spec.scope')];
  return scope === 'Cluster' || scope === 'Namespaced' ? [] : [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function requiredNameFaults({ names }: CustomResourceDefinitionSpec): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const).flatMap((name) =>
    names[name] ? [] : [requiredValue(`spec.names.${name}`)],
  );
}

function missingSchemaFaults({ versions }: CustomResourceDefinitionSpec): FieldError[] {
  return versions.flatMap(({ schema }, i) =>
    schema?.openAPIV3Schema ? [] : [requiredValue(`spec.versions[${i}].schema.openAPIV3Schema`)],
  );
}

function keptDefaultFaults({ preserveUnknownFields: keeps, versions }: CustomResourceDefinitionSpec): FieldError[] {
  if (!keeps || !versions.some(({ schema }) => schema?.openAPIV3Schema && hasDefault(schema.openAPIV3Schema))) return [];
  return [invalidValue('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')];
}

function keptConversionFaults({ preserveUnknownFields: keeps, conversion }: CustomResourceDefinitionSpec): FieldError[] {
  const { strategy } = conversion ?? { strategy: 'None' };
  if (!keeps || strategy === 'None') return [];
  return [invalidValue('spec.conversion.strategy', strategy, 'must be None if spec.preserveUnknownFields is true')];
}

function hasDefault(schema: Schema): boolean {
  for (const part of eachSchema(schema)) if (part.default !== undefined) return true;
  return false;
}

/** What of the versions is the same in all of them, and so is told of once. */
function inCommon({ versions }: CustomResourceDefinitionSpec): {
  schema: boolean;
  subresources: boolean;
  columns: boolean;
  selectable: boolean;
} {
  const [first, ...others] = versions;
  const same = (read: (version: CustomResourceDefinitionVersion) => unknown): boolean =>
    first !== undefined && read(first) !== undefined && others.every((version) => deepEqual(read(version), read(first)));
  return {
    schema: same((version) => version.schema),
    subresources: same((version) => version.subresources),
    columns: same((version) => version.additionalPrinterColumns),
    selectable: same((version) => version.selectableFields),
  };
}

function versionFaults(
  spec: CustomResourceDefinitionSpec,
  old: CustomResourceDefinitionSpec | undefined,
  context: DefinitionContext,
): FieldError[] {
  const common = inCommon(spec);
  const faults = spec.versions.flatMap((version, i) => {
    const at = `spec.versions[${i}]`;
    const labels = dns1035Label(version.name);
    const schema = version.schema?.openAPIV3Schema;
    return [
      ...(labels.length > 0 ? [invalidValue(`${at}.name`, version.name, labels.join(','))] : []),
      ...deprecationFaults(version, at),
      ...(schema && !common.schema
        ? schemaFaults(schema, { path: `${at}.schema`, version, old: schemaOf(old, version.name) }, context)
        : []),
      ...(common.subresources ? [] : scaleDefinitionFaults(version.subresources, `${at}.subresources`)),
      ...(common.columns ? [] : columnFaults(version.additionalPrinterColumns, `${at}.additionalPrinterColumns`)),
      ...(common.selectable ? [] : selectableOf(version, schema, `${at}.selectableFields`)),
    ];
  });
  const names = spec.versions.map(({ name }) => name);
  const stored = spec.versions.filter(({ storage }) => storage).length;
  return [
    ...faults,
    ...(new Set(names).size < names.length ? [invalidValue('spec.versions', spec.versions, 'must contain unique version names')] : []),
    ...(stored === 1
      ? []
      : [
          invalidValue(
            'spec.versions',
            spec.versions.length > 0 ? spec.versions : null,
            'must have exactly one version marked as storage version',
          ),
        ]),
  ];
}

function selectableOf({ selectableFields = [] }: CustomResourceDefinitionVersion, schema: Schema | undefined, path: string): FieldError[] {
  if (schema || selectableFields.length === 0) return schema ? selectableFaults(selectableFields, schema, path) : [];
  // Upstream says the contrary of what it means.
  return [invalidValue(path, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
}

const schemaOf = (spec: CustomResourceDefinitionSpec | undefined, version: string): Schema | undefined =>
  spec?.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;

/** The faults of what is the same in all versions. */
function commonFaults(
  spec: CustomResourceDefinitionSpec,
  old: CustomResourceDefinitionSpec | undefined,
  context: DefinitionContext,
): FieldError[] {
  const [version] = spec.versions;
  if (!version) return [];
  const common = inCommon(spec);
  const schema = version.schema?.openAPIV3Schema;
  return [
    ...(schema && common.schema
      ? schemaFaults(schema, { path: 'spec.validation', version, old: schemaOf(old, version.name) }, context)
      : []),
    ...(common.subresources ? scaleDefinitionFaults(version.subresources, 'spec.subresources') : []),
    ...(common.columns ? columnFaults(version.additionalPrinterColumns, 'spec.additionalPrinterColumns') : []),
    ...(common.selectable && schema ? selectableFaults(version.selectableFields, schema, 'spec.selectableFields') : []),
  ];
}

/** Keywords that a schema with a status sub-resource may have at its root, under upstream's names, in its order. */
const AT_ROOT: Readonly<Record<string, string>> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};

interface SchemaPlace {
  readonly path: string;
  readonly version: CustomResourceDefinitionVersion;
  readonly old: Schema | undefined;
}

function schemaFaults(schema: Schema, { path, version, old }: SchemaPlace, context: DefinitionContext): FieldError[] {
  const at = `${path}.openAPIV3Schema`;
  const faults = version.subresources?.status ? rootFaults(schema, at) : [];
  if (schema.nullable) faults.push(forbiddenValue(`${at}.nullable`, 'nullable cannot be true at the root'));
  const structural = structuralFaults(schema, at, context.patterns);
  faults.push(
    ...(structural.length > 0 ? structural : defaultFaults(schema, at, { patterns: context.patterns, hold: context.defaults() })),
  );
  faults.push(...definitionSchemaFaults(schema, at));
  return faults.length > 0 ? faults : context.rules(schema, at, old);
}

function rootFaults(schema: Schema, path: string): FieldError[] {
  if (schema.type && schema.type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidValue(`${path}.type`, schema.type, why)];
  }
  if (Object.keys(schema).every((name) => Object.hasOwn(AT_ROOT, name))) return [];
  const allowed = Object.values(AT_ROOT).join(' ');
  return [
    invalidValue(path, schema, `only [${allowed}] fields are allowed at the root of the schema if the status subresource is enabled`),
  ];
}

function changeFaults(spec: CustomResourceDefinitionSpec, { spec: before, status }: CustomResourceDefinition): FieldError[] {
  const fault = (path: string, value: string, old: string): FieldError[] => (value === old ? [] : [invalidValue(path, value, IMMUTABLE)]);
  const established = status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
  return [
    ...conversionBundleFaults(spec.conversion, { conversion: before.conversion, established }, 'spec.conversion'),
    ...(established
      ? [...fault('spec.scope', spec.scope, before.scope), ...fault('spec.names.kind', spec.names.kind, before.names.kind)]
      : []),
    ...fault('spec.group', spec.group, before.group),
    ...fault('spec.names.plural', spec.names.plural, before.names.plural),
  ];
}

function storedVersionFaults(stored: readonly string[], versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const path = 'status.storedVersions';
  if (stored.length === 0) return [invalidValue(path, null, 'must have at least one stored version')];
  return [
    ...versions.flatMap(({ name, storage }) =>
      storage && !stored.includes(name) ? [invalidValue(path, stored, `must have the storage version ${name}`)] : [],
    ),
    ...stored.flatMap((name, i) => {
      if (versions.some((version) => version.name === name)) return [];
      const until = `a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until ${until}`;
      return [invalidValue(`${path}[${i}]`, name, why)];
    }),
  ];
}

function approvalFaults({ spec, metadata }: CustomResourceDefinition, old: CustomResourceDefinition | undefined): FieldError[] {
  if (!isProtectedGroup(spec.group)) return [];
  const { state, reason } = approvalOf(metadata.annotations);
  if (state === 'approved' || state === 'bypassed' || (old && approvalOf(old.metadata.annotations).state === state)) return [];
  const path = `metadata.annotations[${APPROVED_ANNOTATION}]`;
  return [state === 'missing' ? requiredValue(path, reason) : invalidValue(path, metadata.annotations?.[APPROVED_ANNOTATION], reason)];
}
