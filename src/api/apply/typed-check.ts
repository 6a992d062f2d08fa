// Holds an applied configuration against its type, before anything is merged. Texts as upstream's.

import { isObject } from '../copy.ts';
import type { ApplyType, ListApplyType } from './apply-type.ts';
import { pathText } from './path-element.ts';
import { itemElement } from './typed-items.ts';

/** Most faults that one answer tells. */
const MAX_FAULTS = 100;

/** The faults of a configuration, each with its path: `.spec.foo: field not declared in schema`. Empty = none. */
export function configurationFaults(config: unknown, type: ApplyType): string[] {
  const faults: string[] = [];
  check(config, type, { path: '', faults });
  return faults.slice(0, MAX_FAULTS);
}

interface Place {
  readonly path: string;
  readonly faults: string[];
}

function check(value: unknown, type: ApplyType, at: Place): void {
  if (value === null || value === undefined || type.kind === 'any' || type.kind === 'deduced' || at.faults.length >= MAX_FAULTS) return;
  if (type.kind === 'scalar') checkScalar(value, type.scalar, at);
  else if (type.kind === 'list') checkList(value, type, at);
  else if (!isObject(value)) at.faults.push(`${at.path}: expected map, got &{${shown(value)}}`);
  else {
    for (const key of Object.keys(value)) {
      const member = type.kind === 'map' ? type.element : type.fields.get(key)?.type;
      const path = `${at.path}.${key}`;
      if (member) check(value[key], member, { path, faults: at.faults });
      else at.faults.push(`${path}: field not declared in schema`);
    }
  }
}

function checkScalar(value: unknown, scalar: 'string' | 'number' | 'boolean' | 'any', at: Place): void {
  if (scalar === 'any' ? typeof value !== 'object' : typeof value === scalar) return;
  const got = `&value.valueUnstructured{Value:${typeof value === 'string' ? JSON.stringify(value) : shown(value)}}`;
  if (scalar === 'number') at.faults.push(`${at.path}: expected numeric (int or float), got ${goType(value)}`);
  else at.faults.push(`${at.path}: expected ${scalar === 'any' ? 'scalar' : scalar}, got ${got}`);
}

function goType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value;
}

/** A value the way Go prints it. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const parts = Object.keys(value).sort();
  return `map[${parts.map((key) => `${key}:${shown(value[key])}`).join(' ')}]`;
}

function checkList(value: unknown, type: ListApplyType, at: Place): void {
  if (!Array.isArray(value)) {
    at.faults.push(`${at.path}: expected list, got &{${shown(value)}}`);
    return;
  }
  const seen = new Set<string>();
  value.forEach((item, i) => {
    const step = type.merge === 'atomic' ? `[${i}]` : stepOf(item, i, { type, at, seen });
    if (step !== undefined) check(item, type.element, { path: at.path + step, faults: at.faults });
  });
}

/** The step to an item that no other item of the list has; undefined after telling what is wrong with it. */
function stepOf(item: unknown, i: number, list: { type: ListApplyType; at: Place; seen: Set<string> }): string | undefined {
  const { type, at, seen } = list;
  try {
    const element = itemElement(item, type);
    const step = pathText([element]);
    if (seen.has(element)) at.faults.push(`${at.path}: duplicate entries for key ${step}`);
    seen.add(element);
    return step;
  } catch (error) {
    at.faults.push(`${at.path}: element ${i}: ${error instanceof TypeError ? error.message : ''}`);
    return undefined;
  }
}
