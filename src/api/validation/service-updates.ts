// Validation of updates of Services: the first address and family stay, a second one comes and goes. Pure. Rules: "IPv4/IPv6 dual-stack".

import type { FieldError } from '../status-error.ts';
import type { Service, ServiceSpec } from '../types/core-v1.gen.ts';
import { forbiddenValue, IMMUTABLE, invalidValue } from './field-error.ts';
import { isHeadless, needsHealthCheck } from './services.ts';

const FIXED = 'may not change once set';

/** Validates what changes in a Service. */
export function validateServiceUpdate({ spec }: Service, { spec: old }: Service): FieldError[] {
  return [
    ...checkAddresses(spec, old),
    ...checkFamilies(spec, old),
    ...(old.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && old.loadBalancerClass !== spec.loadBalancerClass
      ? [invalidValue('spec.loadBalancerClass', spec.loadBalancerClass ?? null, FIXED)]
      : []),
    ...(needsHealthCheck(old) && needsHealthCheck(spec) && old.healthCheckNodePort !== spec.healthCheckNodePort
      ? [forbiddenValue('spec.healthCheckNodePort', IMMUTABLE)]
      : []),
  ];
}

const externalName = (spec: ServiceSpec, old: ServiceSpec): boolean => spec.type === 'ExternalName' || old.type === 'ExternalName';
const addressesOf = ({ clusterIPs, clusterIP }: ServiceSpec): readonly string[] => clusterIPs ?? (clusterIP ? [clusterIP] : []);

/** A second one is given up only by a Service that says it wants one. */
function checkRelease(spec: ServiceSpec, what: string): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') return [];
  return [
    invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, `must be set to 'SingleStack' when releasing the secondary ${what}`),
  ];
}

function checkAddresses(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (externalName(spec, old) || (isHeadless(spec) && isHeadless(old))) return [];
  const [now, before] = [addressesOf(spec), addressesOf(old)];
  const changed = (index: number): FieldError => invalidValue(`spec.clusterIPs[${index}]`, now, FIXED);
  if (now.length === before.length) return before.flatMap((ip, index) => (ip === now[index] ? [] : [changed(index)]));
  const moved = before.length > 0 && now.length > 0 && now[0] !== before[0] ? [changed(0)] : [];
  if (now.length > before.length) return moved;
  if (now.length === 0) return [invalidValue('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset')];
  return now.length === 1 ? [...moved, ...checkRelease(spec, 'clusterIP')] : moved;
}

function checkFamilies(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (externalName(spec, old) || isHeadless(spec) || isHeadless(old)) return [];
  const [now, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []];
  const field = 'spec.ipFamilies[0]';
  if (now.length === before.length)
    return before.flatMap((family, index) => (family === now[index] ? [] : [invalidValue(field, now, FIXED)]));
  const moved = before.length > 0 && now.length > 0 && now[0] !== before[0] ? [invalidValue(field, addressesOf(spec), FIXED)] : [];
  if (now.length > before.length) return moved;
  const unset = addressesOf(spec).length === 0 ? [invalidValue(field, now, 'primary ipFamily can not be unset')] : [];
  return now.length === 1 ? [...unset, ...moved, ...checkRelease(spec, 'ipFamily')] : [...unset, ...moved];
}
