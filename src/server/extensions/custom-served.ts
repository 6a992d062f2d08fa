// What a CustomResourceDefinition serves: one ServedResource for each of its served versions.

import type { ResourceInfo, SubresourceInfo } from '../../api/resources.ts';
import { CustomType } from '../../api/structural/custom-type.ts';
import type { Validated } from '../../api/structural/object-validation.ts';
import { loadPatterns } from '../../api/structural/patterns.ts';
import { eachSchema, type Schema } from '../../api/structural/schema.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types/apiextensions-v1.gen.ts';
import { type ServedResource, withForms } from '../registry/served-resource.ts';
import type { Subresource } from '../registry/subresource.ts';
import { webhookConverter } from './conversion-webhook.ts';
import { CustomConversion } from './custom-conversion.ts';
import { customScaleView } from './custom-scale.ts';
import { customStrategy } from './custom-strategy.ts';
import type { WebhookClient } from './webhook-client.ts';

/** Whom conversions ask. */
export interface CustomServedDeps {
  readonly webhooks: Pick<WebhookClient, 'post'>;
}

/** Verbs in the order discovery shows them for custom resources. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const VIEW_VERBS = ['get', 'patch', 'update'];

/** The resources that a definition serves, with the names that were accepted. */
export function customServed(definition: CustomResourceDefinition, deps: CustomServedDeps): ServedResource[] {
  const { spec } = definition;
  const types = new Map(spec.versions.map((version) => typeOf(definition, version)).map((type) => [type.apiVersion, type]));
  const stored = spec.versions.find((version) => version.storage);
  const storedType = stored && types.get(`${spec.group}/${stored.name}`);
  if (!stored || !storedType) return [];
  const webhook = spec.conversion?.strategy === 'Webhook' ? spec.conversion.webhook : undefined;
  const convert = webhook && webhookConverter(spec.names.kind, webhook, deps.webhooks);
  const terminating = definition.metadata.deletionTimestamp !== undefined;
  const isServed = spec.versions.some(({ served }) => served);
  // Without a version that is served nobody could delete what is stored, when the definition goes.
  const serves = (version: CustomResourceDefinitionVersion): boolean => version.served || (terminating && !isServed && version === stored);
  const unserved = new Set(spec.versions.filter((version) => !serves(version)).map(({ name }) => name));
  // The storage version first: whoever takes the first of a resource's versions reads it without conversion.
  const versions = [stored, ...spec.versions.filter((version) => version !== stored)].flatMap((version): ServedResource[] => {
    const type = types.get(`${spec.group}/${version.name}`);
    if (!type) return [];
    const { scale } = version.subresources ?? {};
    const deprecation = deprecationOf(definition, version);
    return [
      {
        info: infoOf(definition, version, stored.name),
        type,
        strategy: customStrategy({ version, terminating, validated: once(() => validatedBy(type)) }),
        flags: { createOnUpdate: false, conditionalUpdate: true, statusKeepsMetadata: true },
        prefix: `/registry/${spec.group}/${spec.names.plural}/`,
        durability: 'strict',
        statusDurability: 'strict',
        conversion: new CustomConversion({ type, storedType, types, convert }),
        ...(scale && { subresources: new Map<string, Subresource>([['scale', customScaleView(scale)]]) }),
        ...(deprecation !== undefined && { deprecation }),
      },
    ];
  });
  // What is not served (any more) is still a form of the others: somebody may own fields through it.
  return withForms(versions).filter(({ info }) => !unserved.has(info.version));
}

async function validatedBy(type: CustomType): Promise<Validated> {
  const { schema } = type;
  // CEL is loaded with the first schema that has rules.
  const rules = hasRules(schema) ? (await import('../../api/structural/rule-validation.ts')).ruleFaults : undefined;
  return { schema, patterns: await loadPatterns(), rules };
}

function hasRules(schema: Schema): boolean {
  for (const part of eachSchema(schema)) if (part['x-kubernetes-validations']) return true;
  return false;
}

/** Makes a value once; a failure is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

function typeOf({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): CustomType {
  const kind = { group: spec.group, version: version.name, kind: spec.names.kind };
  return new CustomType(kind, version, { namespaced: spec.scope === 'Namespaced', keepsUnknown: spec.preserveUnknownFields === true });
}

function deprecationOf({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): string | undefined {
  if (!version.deprecated) return undefined;
  return version.deprecationWarning ?? `${spec.group}/${version.name} ${spec.names.kind} is deprecated`;
}

function infoOf({ spec, status }: CustomResourceDefinition, version: CustomResourceDefinitionVersion, storedVersion: string): ResourceInfo {
  const { group, scope } = spec;
  const names = status?.acceptedNames ?? spec.names;
  const { kind } = names;
  const { status: hasStatus, scale } = version.subresources ?? {};
  const own = { group, version: version.name };
  const subresources: SubresourceInfo[] = [
    ...(hasStatus ? [{ name: 'status', ...own, kind, verbs: VIEW_VERBS, connect: [] }] : []),
    ...(scale ? [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: VIEW_VERBS, connect: [] }] : []),
  ];
  return {
    ...own,
    resource: names.plural,
    kind,
    listKind: names.listKind ?? `${kind}List`,
    singular: names.singular ?? kind.toLowerCase(),
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs: VERBS,
    virtual: false,
    hasStatus: hasStatus !== undefined,
    generation: [],
    subresources,
    storedVersion,
  };
}
