import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { DaemonSet } from '../../../../src/api/types/apps-v1.gen.ts';
import { DAEMON_SETS } from '../../../../src/client/resources.ts';
import { planRevision, revisionsToPrune, templateOfRevision } from '../../../../src/server/controllers/controller-history.ts';

const KIND = { resource: DAEMON_SETS, hashLabel: 'hash' };
const workload = (image = 'i:1', revisionHistoryLimit?: number): DaemonSet & KubeObject => ({
  metadata: { name: 'agent', namespace: 'ns', uid: 'u' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image }] } },
    ...(revisionHistoryLimit !== undefined && { revisionHistoryLimit }),
  },
});

describe('planRevision', () => {
  it('makes a revision for a new template, and raises that of one that returns', () => {
    const first = planRevision(KIND, workload(), []);
    assert.ok(first.kind === 'create' && first.revision.revision === 1);
    assert.deepEqual(first.revision.metadata.labels, { app: 'agent', hash: first.hash });
    assert.equal(planRevision(KIND, workload(), [first.revision]).kind, 'current');
    const second = planRevision(KIND, workload('i:2'), [first.revision]);
    assert.ok(second.kind === 'create' && second.revision.revision === 2 && second.hash !== first.hash);
    const back = planRevision(KIND, workload(), [first.revision, second.revision]);
    assert.ok(back.kind === 'raise' && back.revision.revision === 3 && back.hash === first.hash);
  });

  it('takes another name when one collided', () => {
    const first = planRevision(KIND, workload(), []);
    const second = planRevision(
      KIND,
      { ...workload(), status: { ...workload().status, collisionCount: 1 } as DaemonSet['status'] & object },
      [],
    );
    assert.notEqual(first.revision.metadata.name, second.revision.metadata.name);
  });

  it('writes keys in order, whatever their order in the workload', () => {
    const { spec } = workload();
    const template = { spec: { containers: [{ name: 'c', image: 'i:1' }] }, metadata: { labels: { app: 'agent' } } };
    const text =
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"agent"}},"spec":{"containers":[{"image":"i:1","name":"c"}]}}}}';
    assert.equal(JSON.stringify(planRevision(KIND, workload(), []).revision.data), text);
    assert.equal(
      JSON.stringify(planRevision(KIND, { ...workload(), spec: { ...spec, selector: spec?.selector ?? {}, template } }, []).revision.data),
      text,
    );
  });

  it('keeps the template so that it can be brought back', () => {
    assert.deepEqual(templateOfRevision(planRevision(KIND, workload(), []).revision), workload().spec?.template);
  });
});

it('revisionsToPrune keeps the limit and what is in use', () => {
  const revisions = [1, 2, 3, 4].map((n) => ({ metadata: { name: `r${n}` }, revision: n }));
  const pruned = revisionsToPrune(workload('i', 1), revisions, (r) => r.revision === 1 || r.revision === 4);
  assert.deepEqual(
    pruned.map((r) => r.metadata.name),
    ['r2'],
  );
});
