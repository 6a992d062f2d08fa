// The environment of a container: Services first, then envFrom, then env in order, each seeing what came before.

import type { ConfigMap, Container, EnvFromSource, EnvVar, Pod, ResourceFieldSelector, Secret } from '../../api/types/core-v1.gen.ts';
import { kubeletError } from './errors.ts';
import { expand } from './expansion.ts';
import { fieldRefValue } from './field-ref.ts';
import { containerNamed, resourceFieldText } from './volumes/downward-api.ts';

/** What values may come from. Reads return undefined for an object that does not exist. */
export interface EnvSources {
  readonly services: ReadonlyMap<string, string>;
  configMap(name: string): Promise<ConfigMap | undefined>;
  secret(name: string): Promise<Secret | undefined>;
  /** Allocatable of the node by resource name. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/**
 * The environment by name, values as bytes text (UTF-8). `pod.status` must hold the pod's addresses.
 * @throws KtsError `kubelet-config` with upstream's text when a source is missing.
 */
export async function containerEnv(pod: Pod, container: Container, sources: EnvSources): Promise<ReadonlyMap<string, string>> {
  const env = new Map<string, string>();
  for (const source of container.envFrom ?? []) await addFrom(env, source, { pod, sources });
  for (const variable of container.env ?? []) {
    const value = await variableValue(variable, { pod, container, sources }, (name) => env.get(name) ?? sources.services.get(name));
    if (value !== undefined) env.set(variable.name, value);
  }
  for (const [name, value] of sources.services) if (!env.has(name)) env.set(name, value);
  return env;
}

interface Context {
  readonly pod: Pod;
  readonly container: Container;
  readonly sources: EnvSources;
}

async function variableValue(
  variable: EnvVar,
  context: Context,
  lookup: (name: string) => string | undefined,
): Promise<string | undefined> {
  const { valueFrom } = variable;
  if (!valueFrom) return expand(variable.value ?? '', lookup);
  if (valueFrom.fieldRef) return fieldRefValue(context.pod, valueFrom.fieldRef.fieldPath);
  if (valueFrom.resourceFieldRef) return resourceValue(context, valueFrom.resourceFieldRef);
  if (valueFrom.configMapKeyRef) return configMapValue(context, valueFrom.configMapKeyRef);
  if (valueFrom.secretKeyRef) return secretValue(context, valueFrom.secretKeyRef);
  throw kubeletError('kubelet-config', `environment variable ${variable.name}: this kind of source is not supported`);
}

function resourceValue({ pod, container, sources }: Context, ref: ResourceFieldSelector): string {
  return resourceFieldText(ref.containerName ? containerNamed(pod, ref.containerName) : container, ref, sources.allocatable);
}

interface KeyRef {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

async function configMapValue({ pod, sources }: Context, { name = '', key, optional }: KeyRef): Promise<string | undefined> {
  const configMap = await sources.configMap(name);
  if (!configMap) {
    if (optional) return undefined;
    throw kubeletError('kubelet-config', `configmap "${name}" not found`);
  }
  const value = configMap.data?.[key];
  if (value !== undefined) return value;
  if (optional) return undefined;
  throw kubeletError('kubelet-config', `couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}`);
}

async function secretValue({ pod, sources }: Context, { name = '', key, optional }: KeyRef): Promise<string | undefined> {
  const secret = await sources.secret(name);
  if (!secret) {
    if (optional) return undefined;
    throw kubeletError('kubelet-config', `secret "${name}" not found`);
  }
  const value = secret.data?.[key];
  if (value !== undefined) return decode(value);
  if (optional) return undefined;
  throw kubeletError('kubelet-config', `couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}`);
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

async function addFrom(
  env: Map<string, string>,
  { prefix = '', configMapRef, secretRef }: EnvFromSource,
  { sources }: Pick<Context, 'pod' | 'sources'>,
): Promise<void> {
  if (configMapRef) {
    const { name = '', optional } = configMapRef;
    const configMap = await sources.configMap(name);
    if (!configMap && !optional) throw kubeletError('kubelet-config', `configmap "${name}" not found`);
    for (const [key, value] of Object.entries(configMap?.data ?? {})) env.set(prefix + key, value);
  }
  if (secretRef) {
    const { name = '', optional } = secretRef;
    const secret = await sources.secret(name);
    if (!secret && !optional) throw kubeletError('kubelet-config', `secret "${name}" not found`);
    for (const [key, value] of Object.entries(secret?.data ?? {})) env.set(prefix + key, decode(value));
  }
}
