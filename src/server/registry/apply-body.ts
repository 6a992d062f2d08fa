// The body of a server-side apply, read and checked: what is merged fits the schema of its kind.

import type { ApplyType } from '../../api/apply/apply-type.ts';
import { configurationFaults } from '../../api/apply/typed-check.ts';
import { isObject } from '../../api/copy.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { type GroupVersionKind, groupVersionString, parseGroupVersion } from '../../api/resources.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { duplicatesText } from '../../base/yaml.ts';
import type { ApiCall } from '../../client/api-backend.ts';

/** Whether a call is a server-side apply. */
export function isApply(call: ApiCall): boolean {
  return call.verb === 'patch' && call.patchType === 'application/apply-patch+yaml';
}

/** The configuration that a call applies to an object of a type. @throws StatusError */
export function appliedConfiguration(call: ApiCall, type: ObjectType): Record<string, unknown> {
  const { body: config } = call;
  if (!isObject(config)) throw badRequest('error decoding YAML: the configuration is not an object');
  checkType(config, type.kind);
  const { metadata } = config;
  if (isObject(metadata) && metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  checkFields(config, type.applyType, type.kind);
  return config;
}

/** Keys that occur twice in an applied configuration are refused, or warned of, when it is right otherwise. @throws StatusError BadRequest */
export function tellDuplicates({ findings = [], options, warn }: ApiCall): void {
  if (findings.length === 0) return;
  if (options.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${duplicatesText(findings)}`);
  }
  for (const finding of findings) warn?.(finding);
}

function checkType(config: Record<string, unknown>, kind: GroupVersionKind): void {
  const text = (name: string): string => (typeof config[name] === 'string' ? config[name] : '');
  if (text('apiVersion') === groupVersionString(kind) && text('kind') === kind.kind) return;
  const { group, version } = parseGroupVersion(text('apiVersion')) ?? { group: '', version: '' };
  throw badRequest(`invalid object type: ${typeText({ group, version, kind: text('kind') })}`);
}

/** A type as Go prints it: `/v1, Kind=Pod`. */
const typeText = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}, Kind=${kind}`;

/** The name of what is applied as the configuration itself says it. */
function configuredName({ metadata }: Record<string, unknown>): string {
  const part = (key: string): string => {
    const value = isObject(metadata) ? metadata[key] : undefined;
    return typeof value === 'string' ? value : '';
  };
  return `${part('namespace')}/${part('name')}`;
}

function checkFields(config: Record<string, unknown>, type: ApplyType, kind: GroupVersionKind): void {
  const faults = configurationFaults(config, type);
  if (faults.length === 0) return;
  const text = faults.length === 1 ? faults[0] : `errors:\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
  const subject = `(${configuredName(config)}; ${typeText(kind)})`;
  // Upstream has no reason for it, and clients print the text alone then.
  throw new StatusError(500, '', `failed to create typed patch object ${subject}: ${text}`);
}
