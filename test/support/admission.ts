// Requests made by hand for admission plugins, with the state of the cluster as a table of objects.

import assert from 'node:assert/strict';
import { deepFreeze } from '../../src/api/copy.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { BUILTIN_RESOURCES } from '../../src/api/resources.ts';
import { StatusError } from '../../src/api/status-error.ts';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../src/server/admission/admission.ts';
import { AdmissionMetrics } from '../../src/server/admission/admission-metrics.ts';
import type { AdmissionReader } from '../../src/server/admission/admission-reader.ts';
import { type AdmissionDeps, builtinAdmission, type ChainOptions } from '../../src/server/admission/chain.ts';

/** The namespace of the requests. */
export const NAMESPACE = { kind: 'Namespace', metadata: { name: 'shop' }, spec: {}, status: { phase: 'Active' } };
/** Its default service account. */
export const ACCOUNT = { kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'shop' } };

function readerOf(objects: readonly object[]): AdmissionReader {
  const all = deepFreeze(objects) as readonly KubeObject[];
  return {
    get: (resource, { namespace, name }) =>
      all.find((o) => o.kind === resource.kind && (o.metadata.namespace ?? '') === namespace && o.metadata.name === name) as never,
    list: (resource, namespace) =>
      all.filter((o) => o.kind === resource.kind && (namespace === undefined || o.metadata.namespace === namespace)) as never,
  };
}

/** The create of a pod by an ordinary user, or whatever `more` makes of it. */
export function podRequest(pod: object, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    operation: 'CREATE',
    resource: { group: '', version: 'v1', resource: 'pods' },
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subresource: '',
    namespace: 'shop',
    name: 'web',
    object: pod as KubeObject,
    oldObject: undefined,
    user: { name: 'jane', groups: ['system:authenticated'] },
    dryRun: false,
    options: {},
    warn() {},
    annotate() {},
    forms: {
      equivalents: [],
      convert: async (object) => object,
      read: (value) => value as KubeObject,
      applyType: () => ({ kind: 'deduced' }),
    },
    round: 0,
    runAgain() {},
    signal: undefined,
    ...more,
  };
}

/** A pod of one container. */
export const podOf = (spec: object = {}): Pod =>
  ({ metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [{ name: 'web', image: 'web' }], ...spec } }) as Pod;

/** What is asked beside the objects. */
export interface AdmissionTestOptions {
  readonly selection?: ChainOptions;
  readonly authorizer?: AdmissionDeps['authorizer'];
}

/** The plugins over a table of objects. Nothing is booked here: the plugins that do are tested on a store. */
export function chainOf(objects: readonly object[], { selection, authorizer }: AdmissionTestOptions = {}): AdmissionPlugin[] {
  const deps: AdmissionDeps = {
    reader: readerOf(objects),
    writer: { replaceStatus: () => Promise.reject(new TypeError('nothing is written')) },
    clock: { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0, sleep: () => Promise.resolve() },
    webhooks: {
      client: { post: () => Promise.reject(new TypeError('nobody is called')) },
      log: silentLogger,
    },
    metrics: new AdmissionMetrics({ monotonic: () => 0 }),
    authorizer: authorizer ?? { authorize: () => ({ decision: 'none', reason: '' }) },
    resources: () => BUILTIN_RESOURCES,
    kinds: { scopeOf: () => undefined, get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
  };
  return builtinAdmission(deps, selection);
}

/** Sends a request through all plugins; returns it with its object as they left it. @throws StatusError */
export async function admit(
  request: AdmissionRequest,
  objects: readonly object[],
  options?: AdmissionTestOptions,
): Promise<AdmissionRequest> {
  const plugins = chainOf(objects, options);
  for (const plugin of plugins) await plugin.admit?.(request);
  deepFreeze(request.object);
  for (const plugin of plugins) await plugin.validate?.(request);
  return request;
}

/** The code and text with which a request is refused. */
export async function refusalFor(
  request: AdmissionRequest,
  objects: readonly object[],
  options?: AdmissionTestOptions,
): Promise<{ code: number; message: string }> {
  try {
    await admit(request, objects, options);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return { code: error.code, message: error.message };
  }
  assert.fail('was admitted');
}
