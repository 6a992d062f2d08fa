// What the server itself writes into DaemonSets, Jobs and EndpointSlices, and when the generation of an object is set.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyDefaults } from '../../../../../src/api/defaults.ts';
import type { KubeObject } from '../../../../../src/api/object.ts';
import { BUILTIN_RESOURCES } from '../../../../../src/api/resources.ts';
import { nextGeneration, startGeneration } from '../../../../../src/server/registry/generation.ts';
import { daemonSetStrategy } from '../../../../../src/server/registry/strategies/daemon-sets.ts';
import { endpointSliceStrategy } from '../../../../../src/server/registry/strategies/endpoint-slices.ts';
import { jobStrategy } from '../../../../../src/server/registry/strategies/plain-strategies.ts';
import type { Strategy, WriteContext } from '../../../../../src/server/registry/strategy.ts';

const CONTEXT: WriteContext = { user: { name: 'x', groups: [] }, namespace: 'default', nowMs: 0, dryRun: false, warn: () => {} };
const COUNT = 'deprecated.daemonset.template.generation';

type Draft = KubeObject & Record<string, unknown>;

function written(strategy: Strategy<never>, object: object, old?: object): Draft {
  const draft = structuredClone(object) as Draft;
  if (old) strategy.prepareForUpdate?.(draft as never, structuredClone(old) as never, CONTEXT);
  else strategy.prepareForCreate?.(draft as never, CONTEXT);
  return draft;
}

const daemonSet = (image: string, annotations?: Record<string, string>) => ({
  metadata: { name: 'd', ...(annotations && { annotations }) },
  spec: { minReadySeconds: 0, template: { spec: { containers: [{ name: 'c', image }] } } },
});

test('daemonSetStrategy counts the changes of the template, whatever a client writes', () => {
  const made = written(daemonSetStrategy, daemonSet('a', { [COUNT]: '0', mine: 'x' }));
  assert.deepEqual(made.metadata.annotations, { [COUNT]: '1', mine: 'x' });
  const higher = written(daemonSetStrategy, daemonSet('a', { [COUNT]: '7' }));
  assert.equal(higher.metadata.annotations?.[COUNT], '7', 'a new object keeps a count, as one that was saved and comes back');
  assert.equal(written(daemonSetStrategy, daemonSet('a', { [COUNT]: '9' }), made).metadata.annotations?.[COUNT], '1');
  assert.equal(written(daemonSetStrategy, daemonSet('b'), made).metadata.annotations?.[COUNT], '2');
});

test('daemonSetStrategy keeps spec and count in a write of the status', () => {
  const old = daemonSet('a', { [COUNT]: '3' });
  const draft = { ...daemonSet('b', { [COUNT]: '5', mine: 'x' }), status: { numberReady: 1 } };
  daemonSetStrategy.prepareForStatusUpdate?.(draft as never, old as never, CONTEXT);
  assert.deepEqual(draft.spec, old.spec);
  assert.deepEqual(draft.metadata.annotations, { [COUNT]: '3', mine: 'x' });
});

function namedJob(job: object, names: readonly string[]): Draft {
  const draft = structuredClone(job) as Draft;
  applyDefaults(draft, { group: 'batch', version: 'v1', kind: 'Job' });
  for (const name of names) {
    draft.metadata.name = name;
    jobStrategy.named?.(draft as never);
  }
  return draft;
}

const jobOf = (more: object, labels?: object) => ({
  metadata: { uid: 'u' },
  spec: { template: { ...(labels && { metadata: { labels } }), spec: { containers: [] } }, ...more },
});
const made = (name: string) => ({
  'controller-uid': 'u',
  'batch.kubernetes.io/controller-uid': 'u',
  'job-name': name,
  'batch.kubernetes.io/job-name': name,
});

test('jobStrategy gives a Job without labels those of its pods, made ones included', () => {
  assert.deepEqual(namedJob(jobOf({}, { app: 'web' }), ['a']).metadata.labels, { app: 'web', ...made('a') });
  assert.deepEqual(namedJob(jobOf({}), ['a']).metadata.labels, made('a'));
  assert.deepEqual(namedJob(jobOf({}, { app: 'web' }), ['a', 'b']).metadata.labels, { app: 'web', ...made('b') }, 'a second name');
  assert.deepEqual(namedJob(jobOf({ manualSelector: true }, { app: 'web' }), ['a']).metadata.labels, { app: 'web' });
  const labelled = namedJob({ ...jobOf({}, { app: 'web' }), metadata: { uid: 'u', labels: { mine: 'x' } } }, ['a']);
  assert.deepEqual(labelled.metadata.labels, { mine: 'x' });
});

test('jobStrategy leaves labels that a user chose to validation', () => {
  const job = namedJob(jobOf({}, { 'job-name': 'other' }), ['a']) as unknown as { spec: { template: KubeObject } };
  assert.deepEqual(job.spec.template.metadata.labels, { ...made('a'), 'job-name': 'other' });
});

test('endpointSliceStrategy drops the topology of endpoints and keeps the node it named', () => {
  const topology = { 'kubernetes.io/hostname': 'n', zone: 'z' };
  const slice = (...endpoints: object[]) => ({ metadata: { name: 's' }, endpoints });
  const old = slice({ addresses: ['10.0.0.1'], deprecatedTopology: topology });
  assert.deepEqual(written(endpointSliceStrategy, old).endpoints, [{ addresses: ['10.0.0.1'] }]);
  assert.deepEqual(written(endpointSliceStrategy, old, old).endpoints, old.endpoints, 'endpoints that stay');
  const changed = slice({ addresses: ['10.0.0.2'], deprecatedTopology: topology }, { addresses: [], deprecatedTopology: { x: 'y' } });
  assert.deepEqual(written(endpointSliceStrategy, changed, old).endpoints, [{ addresses: ['10.0.0.2'], nodeName: 'n' }, { addresses: [] }]);
});

function generationOf(resource: string, object: object, old: object): readonly (number | undefined)[] {
  const info = BUILTIN_RESOURCES.find((one) => one.resource === resource);
  assert.ok(info);
  const [fresh, draft] = [{ metadata: {} }, structuredClone(object)] as [KubeObject, KubeObject];
  startGeneration(info, fresh);
  nextGeneration(info, draft, old as KubeObject);
  return [fresh.metadata.generation, draft.metadata.generation];
}

test('the generation of some kinds starts with the first change, and of some is never set', () => {
  const of = (more: object, labels = {}) => ({ metadata: { labels }, ...more });
  assert.deepEqual(generationOf('csidrivers', of({ spec: { podInfoOnMount: true } }), of({ spec: {} })), [undefined, 1]);
  assert.deepEqual(generationOf('horizontalpodautoscalers', of({ spec: { maxReplicas: 1 } }), of({ spec: {} })), [undefined, undefined]);
  assert.deepEqual(generationOf('priorityclasses', of({ value: 2 }), of({ value: 1 })), [1, undefined]);
  assert.deepEqual(generationOf('endpointslices', of({ endpoints: [] }, { a: 'b' }), of({ endpoints: [] })), [1, 1]);
  assert.deepEqual(generationOf('endpointslices', of({ endpoints: [] }), of({ endpoints: [] })), [1, undefined]);
});
