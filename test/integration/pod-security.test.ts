// PodSecurity on the API server: what is refused, warned of and audited, and what changes of a namespace's labels tell.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { DEPLOYMENTS, NAMESPACES, PODS } from '../../src/client/resources.ts';
import { type AdmittedServer, refusalOf, startAdmittedServer } from '../support/admitted-server.ts';

const LABEL = 'pod-security.kubernetes.io';
const spec = (more: object = {}) => ({ containers: [{ name: 'x', image: 'i', ...more }] });
const podOf = (namespace: string, name: string, more: object = {}): Pod & KubeObject => ({
  metadata: { name, namespace },
  spec: spec(more),
});
const privileged = { securityContext: { privileged: true } };
const PRIVILEGED = 'privileged (container "x" must not set securityContext.privileged=true)';

describe('PodSecurity', () => {
  let world: AdmittedServer;

  before(async () => {
    world = await startAdmittedServer();
    await world.namespace('open');
    await world.namespace('base', { [`${LABEL}/enforce`]: 'baseline', [`${LABEL}/warn`]: 'restricted', [`${LABEL}/audit`]: 'restricted' });
  });

  after(async () => {
    await world.stop();
  });

  it('lets everything pass where no label says otherwise', async () => {
    await world.client.create(PODS, podOf('open', 'p', privileged));
    assert.deepEqual(world.takeWarnings(), []);
  });

  it('refuses what the level does not allow', async () => {
    const { code, message } = await refusalOf(world.client.create(PODS, podOf('base', 'p', privileged)));
    assert.equal(code, 403);
    assert.equal(message, `pods "p" is forbidden: violates PodSecurity "baseline:latest": ${PRIVILEGED}`);
    assert.deepEqual(world.takeWarnings(), []);
  });

  it('warns of what a stricter level would refuse, and writes both into the audit log', async () => {
    const notes: Record<string, string> = {};
    const user = { name: 'jane', groups: ['system:masters'] };
    const resource = { group: '', version: 'v1', resource: 'pods' };
    await world.server.server.backend.call({
      verb: 'create',
      resource,
      subresource: '',
      namespace: 'base',
      name: '',
      user,
      options: {},
      body: podOf('base', 'warned'),
      warn: (text) =>
        assert.match(text, /^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "x" must set/),
      annotate: (key, value) => {
        notes[key] = value;
      },
    });
    assert.equal(notes[`${LABEL}/enforce-policy`], 'baseline:latest');
    assert.match(notes[`${LABEL}/audit-violations`] ?? '', /^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation/);
  });

  it('warns of templates, and refuses only their pods', async () => {
    const metadata = { name: 'd', namespace: 'base' };
    const template = { metadata: { labels: { app: 'd' } }, spec: spec(privileged) };
    await world.client.create(DEPLOYMENTS, { metadata, spec: { selector: { matchLabels: { app: 'd' } }, template } });
    assert.match(world.takeWarnings().join(), /^would violate PodSecurity "restricted:latest": privileged \(/);
  });

  it('looks at an update that adds an ephemeral container, and not at one of labels', async () => {
    await world.namespace('later');
    const pod = await world.client.create(PODS, podOf('later', 'p', privileged));
    const labels = { type: 'merge', body: { metadata: { labels: { [`${LABEL}/enforce`]: 'baseline' } } } } as const;
    await world.client.patch(NAMESPACES, { namespace: '', name: 'later' }, labels);
    const warning = 'existing pods in namespace "later" violate the new PodSecurity enforce level "baseline:latest"';
    assert.deepEqual(world.takeWarnings(), [warning, 'p: privileged']);
    await world.client.patch(PODS, { namespace: 'later', name: 'p' }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } });
    const debugged = {
      ...pod,
      metadata: { name: 'p', namespace: 'later' },
      spec: { ...pod.spec, ephemeralContainers: [{ name: 'debug', image: 'i' }] },
    };
    const { message } = await refusalOf(world.client.update(PODS, debugged, { subresource: 'ephemeralcontainers' }));
    assert.equal(message, `pods "p" is forbidden: violates PodSecurity "baseline:latest": ${PRIVILEGED}`);
  });

  it('refuses labels that mean nothing', async () => {
    const { code, message } = await refusalOf(
      world.client.create(NAMESPACES, { metadata: { name: 'typo', labels: { [`${LABEL}/enforce`]: 'none' } } }),
    );
    assert.equal(code, 422);
    assert.equal(
      message,
      `Namespace "typo" is invalid: metadata.labels[${LABEL}/enforce]: Invalid value: "none": must be one of privileged, baseline, restricted`,
    );
  });
});
