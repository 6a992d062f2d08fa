// What a mutation's expression gives, applied to an object: an apply configuration is merged, a JSON patch is carried out.
// Rules: "Mutating Admission Policy"; the texts are upstream's.

import type { ApplyType } from '../../../api/apply/apply-type.ts';
import { configurationFaults } from '../../../api/apply/typed-check.ts';
import { mergeValues } from '../../../api/apply/typed-merge.ts';
import { MadeObject, toJson } from '../../../api/cel/json-adapter.ts';
import { CelList, CelMap, type CelValue } from '../../../api/cel/values.ts';
import { isObject } from '../../../api/copy.ts';
import type { KubeObject } from '../../../api/object.ts';
import { applyJsonPatch, isFailedTest } from '../../../api/patch/json-patch.ts';

/** Why a mutation cannot be applied. */
export class MutationFault extends Error {}

/** The object with what an apply configuration says. @throws MutationFault */
export function applyConfigurationTo(object: KubeObject, value: CelValue, type: ApplyType): unknown {
  if (!(value instanceof MadeObject)) throw new MutationFault('unsupported return type from ApplyConfiguration expression');
  const misnamed = misnamedInitializer(value, ['Object']);
  if (misnamed) throw new MutationFault(`type mismatch: ${misnamed}`);
  const said = toJson(value);
  const config = { ...(isObject(said) ? said : {}), kind: object.kind, apiVersion: object.apiVersion };
  const faults = configurationFaults(config, type);
  if (faults.length > 0) {
    const list = faults.length === 1 ? faults[0] : `\n  ${faults.join('\n  ')}`;
    throw new MutationFault(`error applying patch: failed to convert patch object to typed object: ${list}`);
  }
  const atomics = atomicPaths(config, type, '');
  if (atomics.length > 0) {
    throw new MutationFault(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  }
  return mergeValues(object, config, type);
}

/** Says which initializer does not stand where its name says, or nothing. */
function misnamedInitializer(value: CelValue, path: readonly string[]): string | undefined {
  if (value instanceof MadeObject) {
    const wanted = path.join('.');
    if (value.type.name !== wanted) {
      return `unexpected type name ${JSON.stringify(value.type.name)}, expected ${JSON.stringify(wanted)}, which matches field name path from root Object type`;
    }
    return firstOf(value.fields, ([name, field]) => misnamedInitializer(field, [...path, name]));
  }
  if (value instanceof CelList) return firstOf(value, (item) => misnamedInitializer(item, path));
  return value instanceof CelMap ? firstOf(value.keys(), (key) => misnamedInitializer(value.find(key) ?? null, path)) : undefined;
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Places of a configuration that would replace a whole list, map or struct: a policy that means to change a part would lose the rest. */
function atomicPaths(value: unknown, type: ApplyType, path: string): string[] {
  if (Array.isArray(value)) {
    if (type.kind !== 'list') return [];
    const inner = value.flatMap((item, index) => atomicPaths(item, type.element, `${path}[${index}]`));
    return type.merge === 'atomic' ? [path, ...inner] : inner;
  }
  if (!isObject(value)) return [];
  const inner = Object.entries(value).flatMap(([key, member]) => {
    const memberType = type.kind === 'map' ? type.element : type.kind === 'struct' ? type.fields.get(key)?.type : undefined;
    return memberType ? atomicPaths(member, memberType, `${path}.${key}`) : [];
  });
  return (type.kind === 'struct' || type.kind === 'map') && type.atomic ? [path, ...inner] : inner;
}

/** The object after a JSON patch; as it was if a test of the patch fails. @throws MutationFault */
export function jsonPatched(object: KubeObject, value: CelValue): unknown {
  if (!(value instanceof CelList)) throw new MutationFault('type mismatch: JSONPatchType.expression should evaluate to array');
  const patch = Array.from(value, (operation) => patchOperation(operation));
  try {
    return applyJsonPatch(object, patch);
  } catch (error) {
    if (isFailedTest(error)) return object;
    throw new MutationFault(`JSONPath: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function patchOperation(operation: CelValue): unknown {
  if (!(operation instanceof MadeObject))
    throw new MutationFault('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  const value = operation.fields.get('value') ?? null;
  const misnamed = value instanceof MadeObject ? misnamedInitializer(value, value.type.name.split('.')) : undefined;
  if (misnamed) throw new MutationFault(`type mismatch: ${misnamed}`);
  return toJson(operation);
}
