// Which types fit which, and what the type parameters of a call stand for. Rules: CEL specification, "Gradual Type Checking".

import { type CelType, DYN, isDynamic, typeName, typeParts } from '../cel-type.ts';

/** What type parameters stand for, as far as is known. */
export type Bindings = Map<string, CelType>;

/** Types that null is a value of. */
const NULLABLE = new Set(['object', 'timestamp', 'duration']);

/** The bindings under which a value of type `from` may stand where `to` is asked for, or undefined. `bindings` stay as they are. */
export function unify(bindings: Bindings, to: CelType, from: CelType): Bindings | undefined {
  return unifyAll(bindings, [to], [from]);
}

/** The same for a list of arguments. */
export function unifyAll(bindings: Bindings, to: readonly CelType[], from: readonly CelType[]): Bindings | undefined {
  if (to.length !== from.length) return undefined;
  const trial: Bindings = new Map(bindings);
  return to.every((formal, index) => fits(trial, formal, from[index] ?? DYN)) ? trial : undefined;
}

function fits(bindings: Bindings, to: CelType, from: CelType): boolean {
  if (to.kind === 'param') return bind(bindings, to, from);
  if (from.kind === 'param') return bind(bindings, from, to);
  if (isDynamic(to) || isDynamic(from)) return true;
  if (to.kind === 'null' || from.kind === 'null') return to.kind === from.kind || NULLABLE.has((to.kind === 'null' ? from : to).kind);
  if (to.kind === 'list' && from.kind === 'list') return fits(bindings, to.element, from.element);
  if (to.kind === 'map' && from.kind === 'map') return fits(bindings, to.key, from.key) && fits(bindings, to.value, from.value);
  if (to.kind === 'optional' && from.kind === 'optional') return fits(bindings, to.of, from.of);
  if ((to.kind === 'object' || to.kind === 'opaque') && to.kind === from.kind) return to.name === from.name;
  return to.kind === from.kind;
}

function bind(bindings: Bindings, param: Extract<CelType, { kind: 'param' }>, type: CelType): boolean {
  if (type.kind === 'param' && type.name === param.name) return true;
  const bound = bindings.get(param.name);
  if (bound) {
    if (!fits(bindings, bound, type)) return false;
    if (isMoreGeneral(bindings, type, bound) && !mentions(bindings, type, param.name)) bindings.set(param.name, type);
    return true;
  }
  if (mentions(bindings, type, param.name)) return false;
  bindings.set(param.name, type);
  return true;
}

/** Whether `a` takes in all that `b` does, and more. */
function isMoreGeneral(bindings: Bindings, a: CelType, b: CelType): boolean {
  const [general, special] = [substitute(bindings, a), substitute(bindings, b)];
  return isDynamic(general) ? !isDynamic(special) : special.kind === 'null' && general.kind !== 'null';
}

function mentions(bindings: Bindings, type: CelType, name: string): boolean {
  if (type.kind !== 'param') return typeParts(type).some((part) => mentions(bindings, part, name));
  if (type.name === name) return true;
  const bound = bindings.get(type.name);
  return bound !== undefined && mentions(bindings, bound, name);
}

/** The type with its parameters replaced by what they stand for; those that are free stay. */
export function substitute(bindings: Bindings, type: CelType): CelType {
  return rewrite(type, (param) => {
    const bound = bindings.get(param.name);
    return bound ? substitute(bindings, bound) : param;
  });
}

/** The type with every parameter that is left made dyn. */
export function closed(type: CelType): CelType {
  return rewrite(type, () => DYN);
}

/** The type with its parameters renamed, so that two calls do not share them. */
export function renamed(type: CelType, rename: (name: string) => string): CelType {
  return rewrite(type, (param) => ({ kind: 'param', name: rename(param.name) }));
}

function rewrite(type: CelType, replace: (param: Extract<CelType, { kind: 'param' }>) => CelType): CelType {
  switch (type.kind) {
    case 'param':
      return replace(type);
    case 'list': {
      const element = rewrite(type.element, replace);
      return element === type.element ? type : { ...type, element };
    }
    case 'map': {
      const key = rewrite(type.key, replace);
      const value = rewrite(type.value, replace);
      return key === type.key && value === type.value ? type : { ...type, key, value };
    }
    case 'optional':
    case 'type': {
      const of = rewrite(type.of, replace);
      return of === type.of ? type : { ...type, of };
    }
    default:
      return type;
  }
}

/** Whether two types are the same, sizes aside. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || typeName(a) !== typeName(b)) return false;
  const others = typeParts(b);
  return typeParts(a).every((part, index) => sameType(part, others[index] ?? DYN));
}
