// A custom kind as OpenAPI shows it: the schema of one version under its name in the documents.

import type { CustomKind } from '../../api/openapi/document.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';

/** The kind of a version: `com.example.stable.v1.CronTab` for `stable.example.com/v1`. Undefined when there is no such version. */
export function customKindOf({ spec, metadata }: CustomResourceDefinition, name: string): CustomKind | undefined {
  const version = spec.versions.find((item) => item.name === name);
  if (!version) return undefined;
  const schema = spec.preserveUnknownFields ? undefined : version.schema?.openAPIV3Schema;
  const reversed = spec.group.split('.').reverse().join('.');
  return {
    name: `${reversed}.${name}.${spec.names.kind}`,
    // A schema is a JSON object.
    schema: schema as Record<string, unknown> | undefined,
    fingerprint: `${metadata.uid ?? ''}/${metadata.generation ?? 0}`,
  };
}
