// How the registry judges an update of an object that is not valid itself, since it was stored before a rule came.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinResource } from '../../../../src/api/resources.ts';
import { BUILTIN_VALIDATOR } from '../../../../src/server/registry/validation.ts';
import { faultTexts, typical } from '../../../support/typical-objects.ts';

const PODS = builtinResource('', 'v1', 'pods');
const SERVICES = builtinResource('', 'v1', 'services');
const twoPorts = (...names: string[]) => ({ 'spec.ports': names.map((name, i) => ({ name, port: 80 + i })) });
const update = (info: typeof PODS, key: string, changes: object, old: object) =>
  faultTexts(BUILTIN_VALIDATOR.validateUpdate(info, typical(key, { ...changes }), typical(key, { ...old }), ''));

test('validateUpdate lets an object change that has a fault of before', () => {
  const old = twoPorts('a', 'a');
  assert.deepEqual(update(SERVICES, '/Service', { ...old, 'spec.selector': { app: 'b' } }, old), []);
  assert.deepEqual(update(PODS, '/Pod', {}, { 'metadata.finalizers': ['mine'] }), []);
  assert.deepEqual(update(PODS, '/Pod', { 'metadata.finalizers': ['mine'] }, { 'metadata.finalizers': ['mine', 'a.b/c'] }), []);
});

test('validateUpdate finds what is new, beside what was there', () => {
  const duplicate = 'spec.ports[1].name: Duplicate value: "a"';
  assert.deepEqual(update(SERVICES, '/Service', twoPorts('a', 'a'), twoPorts('a', 'b')), [duplicate]);
  assert.deepEqual(update(SERVICES, '/Service', { ...twoPorts('a', 'a'), 'spec.sessionAffinity': 'Cookie' }, twoPorts('a', 'a')), [
    'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
  ]);
});

test('validateUpdate still refuses to change what is fixed', () => {
  assert.equal(
    update(PODS, '/Pod', { 'metadata.finalizers': ['mine'], 'spec.hostNetwork': true }, { 'metadata.finalizers': ['mine'] }).length,
    1,
  );
});

test('validateCreate holds names to the rule of their kind alone', () => {
  const found = (group: string, resource: string, key: string, name: string) =>
    faultTexts(BUILTIN_VALIDATOR.validateCreate(builtinResource(group, 'v1', resource), typical(key, { 'metadata.name': name })));
  assert.deepEqual(found('policy', 'poddisruptionbudgets', 'policy/PodDisruptionBudget', 'Not:A:Name'), []);
  assert.deepEqual(found('policy', 'poddisruptionbudgets', 'policy/PodDisruptionBudget', 'a/b'), [
    `metadata.name: Invalid value: "a/b": may not contain '/'`,
  ]);
  assert.equal(found('apps', 'statefulsets', 'apps/StatefulSet', 'A').length, 1);
});

test('validateUpdate refuses a resize that is none of the pod, and holds one beside pod-level resources to the rules of containers', () => {
  const HALF = { cpu: '500m', memory: '1Gi' };
  const resize = (pod: object, limits: object): string[] => {
    const before = typical('/Pod', { ...pod, 'spec.containers.0.resources': { limits: HALF, requests: HALF } });
    const after = typical('/Pod', { ...pod, 'spec.containers.0.resources': { limits, requests: limits } });
    return faultTexts(BUILTIN_VALIDATOR.validateUpdate(PODS, after, before, 'resize'));
  };
  const mirror = { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' } };
  const size = { cpu: '1', memory: '1Gi' };
  assert.deepEqual(resize(mirror, size), [': Forbidden: static pods cannot be resized']);
  const podLevel = { 'spec.resources': { limits: { cpu: '4', memory: '4Gi' }, requests: { cpu: '1', memory: '1Gi' } } };
  assert.deepEqual(resize(podLevel, size), []);
  assert.deepEqual(resize(podLevel, { ...size, 'x.y/z': '1' }), ['spec: Forbidden: only cpu and memory resources are mutable']);
});
