// The file of --admission-control-config-file: apiserver.config.k8s.io/v1 AdmissionConfiguration, as far as the plugins here take one. Pure.

import { isObject } from '../../api/copy.ts';
import { defaultPolicyOf, type SecurityPolicy } from '../../api/pod-security/pod-security-policy.ts';
import type { LimitedResource } from '../../api/quota/limited-resources.ts';
import { invalidValue, notSupported } from '../../api/validation/field-error.ts';
import { EVENT_LIMIT_TYPES, type EventLimit } from './event-rate-limit.ts';
import { imagePolicyOf } from './image-policy-configuration.ts';
import type { ImagePolicy } from './image-policy-webhook.ts';

/** Who is not held to any level, and what holds where labels say nothing. */
export interface PodSecurityConfiguration {
  readonly defaults: SecurityPolicy;
  readonly exemptions: {
    readonly usernames: readonly string[];
    readonly namespaces: readonly string[];
    readonly runtimeClasses: readonly string[];
  };
}

/** What the plugins are configured with. */
export interface AdmissionConfiguration {
  readonly podSecurity: PodSecurityConfiguration;
  readonly limitedResources: readonly LimitedResource[];
  readonly eventLimits: readonly EventLimit[];
  readonly imagePolicy: ImagePolicy | undefined;
}

/** Nothing is configured. */
export const NO_CONFIGURATION: AdmissionConfiguration = {
  podSecurity: { defaults: defaultPolicyOf({}).policy, exemptions: { usernames: [], namespaces: [], runtimeClasses: [] } },
  limitedResources: [],
  eventLimits: [],
  imagePolicy: undefined,
};

type Member = Readonly<Record<string, unknown>>;

/** The plugins of the file by name, each with its configuration or the path of the file that holds it. @throws RangeError naming what is wrong */
export function configuredPlugins(value: unknown): { name: string; configuration: unknown; path: string }[] {
  const file = memberOf(value, 'the file');
  if (file['kind'] !== 'AdmissionConfiguration' || file['apiVersion'] !== 'apiserver.config.k8s.io/v1') {
    throw new RangeError('is no AdmissionConfiguration of apiserver.config.k8s.io/v1');
  }
  return listOf(file['plugins'], 'plugins').map((plugin, index) => {
    const { name, path, configuration } = memberOf(plugin, `plugins[${index}]`);
    return { name: String(name), configuration, path: typeof path === 'string' ? path : '' };
  });
}

/** Reads what the plugins are configured with. @throws RangeError naming what is wrong */
export function readConfiguration(plugins: readonly { readonly name: string; readonly configuration: unknown }[]): AdmissionConfiguration {
  const read = { ...NO_CONFIGURATION };
  for (const { name, configuration } of plugins) {
    const member = memberOf(configuration, name);
    if (name === 'PodSecurity') read.podSecurity = podSecurity(member);
    else if (name === 'ResourceQuota') read.limitedResources = limitedResources(member);
    else if (name === 'EventRateLimit') read.eventLimits = eventLimits(member);
    else if (name === 'ImagePolicyWebhook')
      read.imagePolicy = imagePolicyOf(memberOf(member['imagePolicy'], 'imagePolicy'), member['kubeconfig']);
    else throw new RangeError(`${name} takes no configuration`);
  }
  return read;
}

/** Which of the plugins cannot run without a configuration that is not there; undefined when none. */
export function unconfiguredPlugin(enabled: readonly string[], configuration = NO_CONFIGURATION): string | undefined {
  const lacking = { EventRateLimit: configuration.eventLimits.length === 0, ImagePolicyWebhook: configuration.imagePolicy === undefined };
  return Object.entries(lacking).find(([name, lacks]) => lacks && enabled.includes(name))?.[0];
}

/** Events that are counted apart when nothing is said: upstream's number. */
const DEFAULT_CACHE_SIZE = 4_096;

function eventLimits({ kind, limits }: Member): EventLimit[] {
  if (kind !== 'Configuration') throw new RangeError(`EventRateLimit: "${String(kind)}" is no Configuration`);
  const list = listOf(limits ?? [], 'limits');
  if (list.length === 0) throw new RangeError('EventRateLimit: limits: Invalid value: null: must not be empty');
  return list.map((item, index) => {
    const at = `limits[${index}]`;
    const { type: said, qps = 0, burst = 0, cacheSize = 0 } = memberOf(item, at);
    const type = EVENT_LIMIT_TYPES.find((known) => known === said);
    const number = (name: string, value: unknown, least: number, why: string): number => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
      const { field, detail } = invalidValue(`${at}.${name}`, value, why);
      throw new RangeError(`EventRateLimit: ${field}: ${detail}`);
    };
    if (!type) {
      const { field, detail } = notSupported(`${at}.type`, said ?? '', EVENT_LIMIT_TYPES);
      throw new RangeError(`EventRateLimit: ${field}: ${detail}`);
    }
    return {
      type,
      burst: number('burst', burst, 1, 'must be positive'),
      qps: number('qps', qps, 1, 'must be positive'),
      cacheSize: number('cacheSize', cacheSize, 0, 'must not be negative') || DEFAULT_CACHE_SIZE,
    };
  });
}

function podSecurity({ kind, defaults, exemptions }: Member): PodSecurityConfiguration {
  if (kind !== 'PodSecurityConfiguration') throw new RangeError(`PodSecurity: "${String(kind)}" is no PodSecurityConfiguration`);
  const levels = Object.entries(memberOf(defaults ?? {}, 'defaults')).map(([key, value]) => [key, String(value)]);
  const { policy, errors } = defaultPolicyOf(Object.fromEntries(levels));
  const [error] = errors;
  if (error) throw new RangeError(`PodSecurity: ${error.field}: ${error.detail}`);
  const exempt = memberOf(exemptions ?? {}, 'exemptions');
  const names = (key: string): string[] => listOf(exempt[key] ?? [], `exemptions.${key}`).map(String);
  return {
    defaults: policy,
    exemptions: { usernames: names('usernames'), namespaces: names('namespaces'), runtimeClasses: names('runtimeClasses') },
  };
}

function limitedResources({ limitedResources: list }: Member): LimitedResource[] {
  return listOf(list ?? [], 'limitedResources').map((item, index) => {
    const at = `limitedResources[${index}]`;
    const { apiGroup = '', resource, matchContains = [], matchScopes = [] } = memberOf(item, at);
    if (typeof resource !== 'string' || resource === '') throw new RangeError(`ResourceQuota: ${at}.resource is missing`);
    const scopes = listOf(matchScopes, `${at}.matchScopes`).map((scope) => {
      const { scopeName, operator, values } = memberOf(scope, `${at}.matchScopes`);
      return {
        scopeName: String(scopeName),
        operator: String(operator),
        values: listOf(values ?? [], `${at}.matchScopes.values`).map(String),
      };
    });
    return {
      apiGroup: String(apiGroup),
      resource,
      matchContains: listOf(matchContains, `${at}.matchContains`).map(String),
      matchScopes: scopes,
    };
  });
}

function memberOf(value: unknown, what: string): Member {
  if (!isObject(value)) throw new RangeError(`${what} is no object`);
  return value;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RangeError(`${what} is no list`);
  return value;
}
