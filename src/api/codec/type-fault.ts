// Why an object that says what it is cannot be read as another kind: in the words of upstream's scheme, the registry of kinds in code. Pure.

import { type GroupVersionKind, parseGroupVersion } from '../resources.ts';
import { builtinSchema } from '../schema/schema.ts';

/** What the scheme is called in upstream's messages. */
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30';

/** What an object says that it is. */
export interface SaidType {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Whether what an object says is a built-in kind. */
export function isRegistered({ apiVersion, kind }: SaidType): boolean {
  const known = parseGroupVersion(apiVersion);
  return known !== undefined && builtinSchema().kind(known.group, known.version, kind) !== undefined;
}

/** A known kind is not convertible, another one not registered. */
export function typeFault(said: SaidType, wanted: GroupVersionKind): string {
  const { apiVersion, kind } = said;
  if (!isRegistered(said))
    return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`;
  const version = apiVersion.split('/').at(-1);
  return `converting (${version}.${kind}) to (${internalPackage(wanted.group)}.${wanted.kind}): unknown conversion`;
}

/** The name of a group without its domain: `core`, `apps`, `networking`. */
const internalPackage = (group: string): string => (group === '' ? 'core' : (group.split('.')[0] ?? ''));
