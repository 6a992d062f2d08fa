// The file of --admission-control-config-file: apiserver.config.k8s.io/v1 AdmissionConfiguration, as far as the plugins here take one. Pure.

import { isObject } from '../../api/copy.ts';
import { defaultPolicyOf, type SecurityPolicy } from '../../api/pod-security/pod-security-policy.ts';
import type { LimitedResource } from '../../api/quota/limited-resources.ts';

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
}

/** Nothing is configured. */
export const NO_CONFIGURATION: AdmissionConfiguration = {
  podSecurity: { defaults: defaultPolicyOf({}).policy, exemptions: { usernames: [], namespaces: [], runtimeClasses: [] } },
  limitedResources: [],
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
    else throw new RangeError(`${name} takes no configuration`);
  }
  return read;
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
