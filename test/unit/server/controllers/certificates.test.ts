import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, ObjectName } from '../../../../src/api/object.ts';
import type { CertificateSigningRequest } from '../../../../src/api/types/certificates-v1.gen.ts';
import type { Node } from '../../../../src/api/types/core-v1.gen.ts';
import { rfc3339 } from '../../../../src/base/clock.ts';
import type { Component } from '../../../../src/base/component.ts';
import { startAll, stopAll } from '../../../../src/base/component.ts';
import { createRequest, generateKey } from '../../../../src/base/x509.ts';
import type { Client, TypedResource, WriteOptions } from '../../../../src/client/client.ts';
import { CERTIFICATE_SIGNING_REQUESTS, CLUSTER_ROLES } from '../../../../src/client/resources.ts';
import { certificateApproverController } from '../../../../src/server/controllers/certificate-approver.ts';
import { approvalOf, isCsrGarbage } from '../../../../src/server/controllers/certificate-plan.ts';
import {
  type CertificateSignerDeps,
  certificateCleanerController,
  certificateSignerController,
} from '../../../../src/server/controllers/certificate-signer.ts';
import { clusterRoleAggregationController } from '../../../../src/server/controllers/cluster-role-aggregation.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';
const KEY = generateKey();

interface Shape {
  readonly user?: string;
  readonly groups?: string[];
  readonly signer?: string;
  readonly commonName?: string;
  readonly organizations?: string[];
  readonly ips?: string[];
  readonly usages?: string[];
}

function csr(shape: Shape = {}): CertificateSigningRequest {
  const { signer = CLIENT, commonName = 'system:node:n1', organizations = ['system:nodes'], ips = [] } = shape;
  const pem = createRequest({ commonName, organizations }, { dns: [], ips }, KEY);
  const usages = shape.usages ?? ['digital signature', signer === SERVING ? 'server auth' : 'client auth'];
  return {
    metadata: { name: 'r' },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: signer,
      usages,
      username: shape.user ?? 'system:node:n1',
      groups: shape.groups ?? ['system:nodes', 'system:authenticated'],
    },
  };
}

const n1: Node = { metadata: { name: 'n1' }, spec: {}, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.5' }] } };
const bootstrap = { user: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] };

const APPROVALS: readonly { title: string; shape: Shape; want: string }[] = [
  { title: 'a joining node', shape: bootstrap, want: 'ask nodeclient' },
  { title: 'a node that renews its own', shape: {}, want: 'ask selfnodeclient' },
  { title: 'a node that asks for another', shape: { commonName: 'system:node:n2' }, want: 'ask nodeclient' },
  { title: 'another organization', shape: { ...bootstrap, organizations: ['system:masters'] }, want: 'leave' },
  { title: 'a usage too many', shape: { ...bootstrap, usages: ['client auth', 'server auth'] }, want: 'leave' },
  { title: 'another signer', shape: { signer: 'kubernetes.io/kube-apiserver-client' }, want: 'leave' },
  { title: 'serving on its own address', shape: { signer: SERVING, ips: ['10.0.0.5'] }, want: 'approve' },
  { title: 'serving on an address it does not have', shape: { signer: SERVING, ips: ['10.0.0.6'] }, want: 'wait' },
  { title: 'serving for another node', shape: { signer: SERVING, ips: ['10.0.0.5'], commonName: 'system:node:n2' }, want: 'leave' },
  { title: 'serving asked with a bootstrap token', shape: { ...bootstrap, signer: SERVING, ips: ['10.0.0.5'] }, want: 'leave' },
];
for (const { title, shape, want } of APPROVALS) {
  test(`approvalOf ${title}: ${want}`, () => {
    const approval = approvalOf(csr(shape), (name) => (name === 'n1' ? n1 : undefined));
    assert.equal(approval.kind === 'ask' ? `ask ${approval.subresource}` : approval.kind, want);
  });
}

test('approvalOf leaves what is decided and what cannot be read', () => {
  const decided = { ...csr(), status: { conditions: [{ type: 'Denied', status: 'True' }] } };
  const broken = { ...csr(), spec: { ...csr().spec, request: 'AAAA' } };
  for (const request of [decided, broken]) assert.equal(approvalOf(request, () => n1).kind, 'leave');
});

const NOW = Date.UTC(2026, 0, 2);
const ago = (hours: number): string => rfc3339(NOW - hours * 3_600_000);
const GARBAGE: readonly { title: string; conditions: Record<string, number>; created: number; certificate?: string; want: boolean }[] = [
  { title: 'pending for an hour', conditions: {}, created: 1, want: false },
  { title: 'pending for more than a day', conditions: {}, created: 25, want: true },
  { title: 'denied lately', conditions: { Denied: 0.5 }, created: 25, want: false },
  { title: 'denied long ago', conditions: { Denied: 1.5 }, created: 2, want: true },
  { title: 'failed long ago', conditions: { Approved: 1.5, Failed: 1.5 }, created: 2, want: true },
  { title: 'issued long ago', conditions: { Approved: 1.5 }, created: 2, certificate: 'AAAA', want: true },
  { title: 'approved, not issued', conditions: { Approved: 1.5 }, created: 2, want: false },
];
for (const { title, conditions, created, certificate, want } of GARBAGE) {
  test(`isCsrGarbage: ${title}`, () => {
    const list = Object.entries(conditions).map(([type, hours]) => ({ type, status: 'True', lastUpdateTime: ago(hours) }));
    const subject = {
      ...csr(),
      metadata: { name: 'r', creationTimestamp: ago(created) },
      status: { conditions: list, ...(certificate && { certificate }) },
    };
    assert.equal(isCsrGarbage(subject, NOW), want);
  });
}

/** The client with an authorizer behind it that lets bootstrap users join. */
function reviewing(client: Client): Client {
  return Object.assign(Object.create(client) as Client, {
    create: async (resource: TypedResource<KubeObject>, object: KubeObject & { spec?: { user?: string } }, options?: WriteOptions) => {
      if (resource.resource !== 'subjectaccessreviews') return await client.create(resource, object, options);
      return { ...object, status: { allowed: object.spec?.user?.startsWith('system:bootstrap:') ?? false } };
    },
    update: <T extends KubeObject>(resource: TypedResource<T>, object: T, options?: WriteOptions) =>
      client.update(resource, object, options),
    delete: <T extends KubeObject>(resource: TypedResource<T>, name: ObjectName) => client.delete(resource, name),
  });
}

function all(deps: CertificateSignerDeps): Component {
  const parts = [certificateApproverController(deps), certificateSignerController(deps), certificateCleanerController(deps)];
  return { name: 'all', start: () => startAll(parts), stop: () => stopAll(parts) };
}

test('a joining node gets its certificate, and the request is cleaned up later', async () => {
  const world = new ControllerWorld();
  try {
    await world.run((deps) =>
      all({ ...deps, client: reviewing(deps.client), signCertificate: (request) => `signed ${request.signerName}` }),
    );
    await world.create(CERTIFICATE_SIGNING_REQUESTS, csr(bootstrap));
    await world.create(CERTIFICATE_SIGNING_REQUESTS, { ...csr({ ...bootstrap, organizations: [] }), metadata: { name: 'bad' } });
    await world.create(CERTIFICATE_SIGNING_REQUESTS, { ...csr({ user: 'eve' }), metadata: { name: 'stranger' } });
    await world.settle();
    const made = await world.get(CERTIFICATE_SIGNING_REQUESTS, 'r');
    const [approved] = made?.status?.conditions ?? [];
    assert.deepEqual([approved?.type, approved?.status, approved?.reason], ['Approved', 'True', 'AutoApproved']);
    assert.equal(Buffer.from(made?.status?.certificate ?? '', 'base64').toString(), `signed ${CLIENT}`);
    for (const name of ['bad', 'stranger']) assert.equal((await world.get(CERTIFICATE_SIGNING_REQUESTS, name))?.status, undefined);
    await world.settle(2.5 * 3_600_000);
    assert.equal(await world.get(CERTIFICATE_SIGNING_REQUESTS, 'r'), undefined);
    assert.deepEqual(world.errors, []);
  } finally {
    await world.stop();
  }
});

test('an approved request that must not be signed fails with the reason', async () => {
  const world = new ControllerWorld();
  try {
    await world.run(certificateSignerController);
    const approved = { conditions: [{ type: 'Approved', status: 'True' }] };
    await world.create(CERTIFICATE_SIGNING_REQUESTS, { ...csr({ organizations: ['x'] }), status: approved });
    await world.settle();
    const failed = (await world.get(CERTIFICATE_SIGNING_REQUESTS, 'r'))?.status?.conditions?.[1];
    assert.deepEqual(
      [failed?.type, failed?.reason, failed?.message],
      ['Failed', 'SignerValidationFailure', 'subject organization is not system:nodes'],
    );
  } finally {
    await world.stop();
  }
});

test('aggregating cluster roles follow the roles they select', async () => {
  const world = new ControllerWorld();
  try {
    const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
    const labels = { 'rbac.example.com/aggregate': 'true' };
    await world.create(CLUSTER_ROLES, {
      metadata: { name: 'sum' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
      rules: [rule('stale')],
    });
    await world.create(CLUSTER_ROLES, { metadata: { name: 'a', labels }, rules: [rule('pods')] });
    await world.create(CLUSTER_ROLES, { metadata: { name: 'other' }, rules: [rule('secrets')] });
    await world.run(clusterRoleAggregationController);
    assert.deepEqual((await world.get(CLUSTER_ROLES, 'sum'))?.rules, [rule('pods')]);
    await world.create(CLUSTER_ROLES, { metadata: { name: 'b', labels }, rules: [rule('services')] });
    await world.settle();
    assert.deepEqual((await world.get(CLUSTER_ROLES, 'sum'))?.rules, [rule('pods'), rule('services')]);
    assert.deepEqual(world.errors, []);
  } finally {
    await world.stop();
  }
});
