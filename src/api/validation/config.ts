// Validation of ConfigMaps and Secrets. Pure. Rules: "ConfigMaps", "Secrets".

import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { checkString, forbiddenValue, IMMUTABLE, invalidValue, requiredValue, tooLong } from './field-error.ts';
import { semanticEqual } from './semantic-equal.ts';
import { configMapKey } from './strings.ts';

/** Most bytes of the data of a ConfigMap or Secret. */
const MAX_DATA_BYTES = 1 << 20;
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function checkKeys(path: string, data: object): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in data) errors.push(...checkString(`${path}[${key}]`, key, configMapKey));
  return errors;
}

const sizeOf = (data: Readonly<Record<string, string>>, encoding: 'utf8' | 'base64'): number => {
  let size = 0;
  for (const key in data) size += Buffer.byteLength(data[key] ?? '', encoding);
  return size;
};

/** Validates a ConfigMap. */
export function validateConfigMap({ data = {}, binaryData = {} }: core.ConfigMap): FieldError[] {
  const errors = checkKeys('data', data);
  for (const key in data)
    if (Object.hasOwn(binaryData, key)) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  errors.push(...checkKeys('binaryData', binaryData));
  const size = sizeOf(data, 'utf8') + sizeOf(binaryData, 'base64');
  return size > MAX_DATA_BYTES ? [...errors, tooLong('', MAX_DATA_BYTES)] : errors;
}

/** Validates a Secret: keys, size, and what its type demands. */
export function validateSecret(secret: core.Secret): FieldError[] {
  const { data = {} } = secret;
  const errors = checkKeys('data', data);
  if (sizeOf(data, 'base64') > MAX_DATA_BYTES) errors.push(tooLong('data', MAX_DATA_BYTES));
  return [...errors, ...checkType(secret, data)];
}

function checkType({ type, metadata }: core.Secret, data: Readonly<Record<string, string>>): FieldError[] {
  const missing = (...keys: string[]): FieldError[] =>
    keys.filter((key) => data[key] === undefined).map((key) => requiredValue(`data[${key}]`));
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return metadata.annotations?.[ACCOUNT_NAME] ? [] : [requiredValue(`metadata.annotations[${ACCOUNT_NAME}]`)];
    case 'kubernetes.io/dockercfg':
      return checkJson('.dockercfg', data);
    case 'kubernetes.io/dockerconfigjson':
      return checkJson('.dockerconfigjson', data);
    case 'kubernetes.io/basic-auth':
      return data['username'] === undefined ? (data['password'] === undefined ? missing('username', 'password') : []) : [];
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [requiredValue('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key');
    default:
      return [];
  }
}

/** Registry credentials are JSON objects; their text is not shown. */
function checkJson(key: string, data: Readonly<Record<string, string>>): FieldError[] {
  const encoded = data[key];
  if (encoded === undefined) return [requiredValue(`data[${key}]`)];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const why = jsonFault(text);
  return why === undefined ? [] : [invalidValue(`data[${key}]`, '<secret contents redacted>', why)];
}

function jsonFault(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && !Array.isArray(value)) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch {
    // What exactly the parser missed would show parts of the secret.
    return 'invalid character in JSON text';
  }
}

/** An object that may be declared immutable. */
interface Fixable {
  readonly immutable?: boolean;
  readonly data?: object;
  readonly binaryData?: object;
  readonly type?: string;
}

/** An immutable ConfigMap or Secret stays as it is; a Secret keeps its type. */
export function validateImmutableData(object: Fixable, old: Fixable): FieldError[] {
  const errors = object.type === old.type ? [] : [invalidValue('type', object.type, IMMUTABLE)];
  if (!old.immutable) return errors;
  const why = 'field is immutable when `immutable` is set';
  if (!object.immutable) errors.push(forbiddenValue('immutable', why));
  for (const field of ['data', 'binaryData'] as const)
    if (!semanticEqual(object[field], old[field])) errors.push(forbiddenValue(field, why));
  return errors;
}
