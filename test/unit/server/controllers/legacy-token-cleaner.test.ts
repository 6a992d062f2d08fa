// The cleaner of unused legacy service-account tokens: what its rules say, and a token's end over more than two years.

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { INVALID_SINCE_LABEL, isDay, LAST_USED_LABEL } from '../../../../src/api/legacy-token.ts';
import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../../../src/client/resources.ts';
import { legacyTokenCleanerController } from '../../../../src/server/controllers/legacy-token-cleaner.ts';
import {
  isUnused,
  TRACKING,
  trackedLongEnough,
  trackingData,
  unusedTokenStep,
} from '../../../../src/server/controllers/legacy-token-cleaner-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const DAY = 86_400_000;
const TYPE = 'kubernetes.io/service-account-token';
const annotations = { 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': 'u1' };
const secret = (labels: Record<string, string> = {}, creationTimestamp = '2024-01-01T00:00:00Z') => ({
  metadata: { name: 'robot-token', namespace: 'ns', annotations, labels, creationTimestamp },
  type: TYPE,
});

const DAYS: [text: string | undefined, is: boolean][] = [
  ['2026-01-31', true],
  ['2026-02-31', false],
  ['2026-1-1', false],
  ['2026-01-31T00:00:00Z', false],
  ['', false],
  [undefined, false],
];
for (const [text, is] of DAYS) test(`isDay says ${is} of ${text}`, () => assert.equal(isDay(text), is));

describe('trackingData', () => {
  it('says today when no day is said, and keeps the rest', () => {
    assert.deepEqual(trackingData(undefined, NOW), { since: '2026-06-15' });
    assert.deepEqual(trackingData({ metadata: TRACKING, data: { since: 'soon', other: 'x' } }, NOW), { since: '2026-06-15', other: 'x' });
  });
  it('leaves a day alone', () => assert.equal(trackingData({ metadata: TRACKING, data: { since: '2020-01-01' } }, NOW), undefined));
});

const TRACKED: [since: string | undefined, enough: boolean][] = [
  ['2025-06-14', true],
  ['2025-06-15', false],
  ['2026-06-15', false],
  ['never', false],
  [undefined, false],
];
for (const [since, enough] of TRACKED) {
  test(`trackedLongEnough says ${enough} of uses noted since ${since}`, () =>
    assert.equal(trackedLongEnough({ metadata: TRACKING, data: since === undefined ? {} : { since } }, NOW), enough));
}

describe('isUnused', () => {
  const cases: [title: string, object: Parameters<typeof isUnused>[0], want: boolean][] = [
    ['an old token that was never used', secret(), true],
    ['one last used more than a year ago', secret({ [LAST_USED_LABEL]: '2025-06-14' }), true],
    ['one used a year ago to the day', secret({ [LAST_USED_LABEL]: '2025-06-15' }), false],
    ['one whose last use cannot be read', secret({ [LAST_USED_LABEL]: 'yesterday' }), false],
    ['a young one', secret({}, '2025-06-15T12:00:00Z'), false],
    ['one that is on its way out', { ...secret(), metadata: { ...secret().metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, false],
    ['a Secret of another type', { ...secret(), type: 'Opaque' }, false],
    ['one that names no account', { ...secret(), metadata: { ...secret().metadata, annotations: {} } }, false],
  ];
  for (const [title, object, want] of cases) it(`says ${want} of ${title}`, () => assert.equal(isUnused(object, NOW), want));
});

describe('unusedTokenStep', () => {
  const account = { metadata: { name: 'robot', namespace: 'ns', uid: 'u1' }, secrets: [{ name: 'robot-token' }] };
  const marked = (day: string) => secret({ [INVALID_SINCE_LABEL]: day });
  const cases: [title: string, object: ReturnType<typeof secret>, around: Parameters<typeof unusedTokenStep>[1], want: string][] = [
    ['marks one that its account lists', secret(), { account, mounted: new Set() }, 'mark'],
    ['marks again where the mark is no day', marked('x'), { account, mounted: new Set() }, 'mark'],
    ['deletes one marked more than a year ago', marked('2025-06-14'), { account, mounted: new Set() }, 'delete'],
    ['waits a year after the mark', marked('2025-06-15'), { account, mounted: new Set() }, 'keep'],
    ['keeps one that a pod names', marked('2025-06-14'), { account, mounted: new Set(['robot-token']) }, 'keep'],
    ['keeps one that was made by hand', secret(), { account: { ...account, secrets: [] }, mounted: new Set() }, 'keep'],
    ['keeps one without its account', secret(), { account: undefined, mounted: new Set() }, 'keep'],
    [
      'keeps one of an earlier account of the name',
      secret(),
      { account: { ...account, metadata: { ...account.metadata, uid: 'u2' } }, mounted: new Set() },
      'keep',
    ],
  ];
  for (const [title, object, around, want] of cases) it(title, () => assert.equal(unusedTokenStep(object, around, NOW), want));
});

describe('legacyTokenCleanerController', () => {
  const key = `${TRACKING.namespace}/${TRACKING.name}`;
  const since = async (world: ControllerWorld) => (await world.get(CONFIG_MAPS, key))?.data?.['since'];

  it('writes the ConfigMap, brings it back, and puts it right, and a quiet day costs no write', async () => {
    const world = new ControllerWorld();
    await world.run(legacyTokenCleanerController);
    await world.settle(100);
    const today = new Date(world.clock.now()).toISOString().slice(0, 10);
    assert.equal(await since(world), today);
    await world.client.delete(CONFIG_MAPS, TRACKING);
    await world.settle(100);
    assert.equal(await since(world), today);
    await world.client.patch(CONFIG_MAPS, TRACKING, { type: 'merge', body: { data: { since: 'x' } } });
    await world.settle(100);
    assert.equal(await since(world), today);
    const writes = world.api.writes.length;
    await world.settle(3 * DAY);
    assert.equal(world.api.writes.length, writes);
    await world.stop();
    assert.deepEqual(world.errors, []);
  });

  it('marks an unused token after a year of noting, deletes it a year later, and leaves those that are in use', async () => {
    const world = new ControllerWorld();
    const names = ['unused', 'mounted', 'by-hand'];
    const robot = await world.create(SERVICE_ACCOUNTS, {
      metadata: { name: 'robot', namespace: 'ns' },
      secrets: [{ name: 'unused' }, { name: 'mounted' }],
    });
    for (const name of names) {
      const uid = robot.metadata.uid ?? '';
      const metadata = { name, namespace: 'ns', annotations: { ...annotations, 'kubernetes.io/service-account.uid': uid } };
      await world.create(SECRETS, { metadata, type: TYPE });
    }
    const volumes = [{ name: 'token', secret: { secretName: 'mounted' } }];
    await world.create(PODS, { metadata: { name: 'p', namespace: 'ns' }, spec: { containers: [{ name: 'c' }], volumes } });
    const days = async (count: number): Promise<void> => {
      for (let day = 0; day < count; day++) await world.settle(DAY);
    };
    const marks = async () =>
      (await world.all(SECRETS)).map(({ metadata }) => [metadata.name, INVALID_SINCE_LABEL in (metadata.labels ?? {})]);
    await world.run(legacyTokenCleanerController);
    await days(364);
    assert.equal((await marks()).filter(([, marked]) => marked).length, 0);
    await days(3);
    assert.deepEqual(
      (await marks()).filter(([, marked]) => marked),
      [['unused', true]],
    );
    await days(360);
    assert.equal((await marks()).length, 3);
    await days(10);
    assert.deepEqual((await marks()).map(([name]) => name).sort(), ['by-hand', 'mounted']);
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
});
