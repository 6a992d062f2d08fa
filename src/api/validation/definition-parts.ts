// The parts of a CustomResourceDefinition beside its schemas: names, columns, scale, selectable fields, conversion. Texts as upstream's.

import type { FieldError } from '../status-error.ts';
import { followFieldPath } from '../structural/field-path.ts';
import type { Schema } from '../structural/schema.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from '../types/apiextensions-v1.gen.ts';
import { caBundleFault, caBundleFaults } from './ca-bundle.ts';
import { duplicateValue, forbiddenValue, invalidValue, notSupported, requiredValue, tooMany } from './field-error.ts';
import { dns1035Label } from './object-meta.ts';
import { clientConfigFaults } from './webhook-client-config.ts';

const joined = (path: string, value: string, faults: readonly string[], before = ''): FieldError[] =>
  faults.length === 0 ? [] : [invalidValue(path, value, before + faults.join(','))];

const MIXED_CASE = 'may have mixed case, but should otherwise match: ';

/** The faults of names; those that are empty are told elsewhere. */
export function definitionNameFaults(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names;
  const label = (name: string, value: string): FieldError[] => (value === '' ? [] : joined(`${path}.${name}`, value, dns1035Label(value)));
  const mixed = (name: string, value: string): FieldError[] =>
    value === '' ? [] : joined(`${path}.${name}`, value, dns1035Label(value.toLowerCase()), MIXED_CASE);
  return [
    ...label('plural', plural),
    ...label('singular', singular),
    ...mixed('kind', kind),
    ...mixed('listKind', listKind),
    ...shortNames.flatMap((name, i) => joined(`${path}.shortNames[${i}]`, name, dns1035Label(name))),
    ...(kind !== '' && kind === listKind ? [invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, i) => joined(`${path}.categories[${i}]`, name, dns1035Label(name))),
  ];
}

/** Longest warning that fits in a header. */
const MAX_WARNING = 256;

/** The faults of a version's warning. */
export function deprecationFaults({ deprecated = false, deprecationWarning }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  if (deprecationWarning === undefined) return [];
  const fault = (why: string): FieldError => invalidValue(`${path}.deprecationWarning`, deprecationWarning, why);
  if (!deprecated) return [fault('can only be set for deprecated versions')];
  const strange = deprecationWarning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u);
  return [
    ...(Buffer.byteLength(deprecationWarning) > MAX_WARNING ? [fault(`must be <= ${MAX_WARNING} characters long`)] : []),
    ...(deprecationWarning === '' ? [fault('must not be an empty string')] : []),
    ...(strange < 0 ? [] : [fault(`must only contain printable UTF-8 characters; non-printable character found at index ${strange}`)]),
  ];
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** The faults of printer columns. */
export function columnFaults(columns: readonly CustomResourceColumnDefinition[] | undefined, path: string): FieldError[] {
  return (columns ?? []).flatMap(({ name, type, format = '', jsonPath }, i) => {
    const at = `${path}[${i}]`;
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    const faults: FieldError[] = [];
    if (name === '') faults.push(requiredValue(`${at}.name`));
    if (type === '') faults.push(requiredValue(`${at}.type`, types));
    else if (!COLUMN_TYPES.includes(type)) faults.push(invalidValue(`${at}.type`, type, types));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      faults.push(invalidValue(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    if (jsonPath === '') faults.push(requiredValue(`${at}.JSONPath`));
    else faults.push(...pathFaults(jsonPath, `${at}.JSONPath`));
    return faults;
  });
}

function pathFaults(path: string, at: string): FieldError[] {
  return path.startsWith('.') ? [] : [invalidValue(at, path, 'must be a simple json path starting with .')];
}

/** The faults of the scale sub-resource. */
export function scaleDefinitionFaults(subresources: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const below = (name: 'specReplicasPath' | 'statusReplicasPath', field: string): FieldError[] => {
    const at = `${path}.scale.${name}`;
    const value = scale[name];
    if (value === '') return [requiredValue(at)];
    const faults = pathFaults(value, at);
    if (faults.length > 0 || value.startsWith(`.${field}.`)) return faults;
    return [invalidValue(at, value, `should be a json path under .${field}`)];
  };
  return [
    ...below('specReplicasPath', 'spec'),
    ...below('statusReplicasPath', 'status'),
    ...selectorPathFaults(scale.labelSelectorPath, path),
  ];
}

function selectorPathFaults(value: string | undefined, path: string): FieldError[] {
  const at = `${path}.scale.labelSelectorPath`;
  if (!value) return [];
  const faults = pathFaults(value, at);
  if (faults.length > 0 || /^\.(spec|status)\./.test(value)) return faults;
  return [invalidValue(at, value, 'should be a json path under either .spec or .status')];
}

/** Most selectable fields of a version. */
const MAX_SELECTABLE = 8;
const SELECTABLE_TYPES: ReadonlySet<string> = new Set(['string', 'boolean', 'integer']);

/** The faults of selectable fields. */
export function selectableFaults(fields: readonly SelectableField[] | undefined, schema: Schema, path: string): FieldError[] {
  const seen = new Set<string>();
  const faults = (fields ?? []).flatMap(({ jsonPath }, i): FieldError[] => {
    const at = `${path}[${i}].jsonPath`;
    if (jsonPath === '') return [requiredValue(at)];
    const found = followFieldPath(jsonPath, schema, false);
    if (typeof found === 'string') return [invalidValue(at, jsonPath, `is an invalid path: ${found}`)];
    const own: FieldError[] = [];
    if (/^\.?metadata(\.|$)/.test(jsonPath)) own.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
    if (!SELECTABLE_TYPES.has(found.schema.type ?? '')) {
      const why = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      own.push(invalidValue(at, jsonPath, why));
    }
    if (seen.has(jsonPath)) own.push(duplicateValue(at, jsonPath));
    seen.add(jsonPath);
    return own;
  });
  return seen.size > MAX_SELECTABLE ? [...faults, tooMany(path, seen.size, MAX_SELECTABLE)] : faults;
}

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** The faults of a bundle that only may be broken while nobody depends on it: `established` = the definition was served by its old conversion. */
export function conversionBundleFaults(
  conversion: CustomResourceConversion | undefined,
  old: { readonly conversion: CustomResourceConversion | undefined; readonly established: boolean },
  path: string,
): FieldError[] {
  const bundle = conversion?.strategy === 'Webhook' ? conversion.webhook?.clientConfig?.caBundle : undefined;
  if (!bundle || !old.established || caBundleFault(old.conversion?.webhook?.clientConfig?.caBundle ?? '') !== undefined) return [];
  return caBundleFaults(bundle, `${path}.webhookClientConfig.caBundle`);
}

/** The faults of a conversion, but for its bundle. */
export function conversionFaults(conversion: CustomResourceConversion | undefined, path: string): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const faults: FieldError[] = [];
  if (strategy === '') faults.push(requiredValue(`${path}.strategy`));
  else if (strategy !== 'None' && strategy !== 'Webhook') faults.push(notSupported(`${path}.strategy`, strategy, ['None', 'Webhook']));
  const config = `${path}.webhookClientConfig`;
  const versions = `${path}.conversionReviewVersions`;
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig) faults.push(forbiddenValue(config, why));
    if ((webhook?.conversionReviewVersions.length ?? 0) > 0) faults.push(forbiddenValue(versions, why));
    return faults;
  }
  if (!webhook?.clientConfig) faults.push(requiredValue(config, 'required when strategy is set to Webhook'));
  else faults.push(...clientConfigFaults(webhook.clientConfig, config));
  return [...faults, ...reviewVersionFaults(webhook?.conversionReviewVersions ?? [], versions)];
}

function reviewVersionFaults(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [requiredValue(path)];
  const faults = versions.flatMap((version, i) =>
    versions.indexOf(version) < i
      ? [invalidValue(`${path}[${i}]`, version, 'duplicate version')]
      : dns1035Label(version).map((why) => invalidValue(`${path}[${i}]`, version, why)),
  );
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return faults;
  return [...faults, invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}
