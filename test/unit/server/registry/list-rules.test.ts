import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import type { RequestOptions } from '../../../../src/client/api-backend.ts';
import { decodeContinue, encodeContinue } from '../../../../src/server/registry/continue-token.ts';
import { parseResourceVersion, planList, planWatch } from '../../../../src/server/registry/list-rules.ts';

const NOW = 100;
const token = encodeContinue(50, 'default/web');

const LISTS: [options: RequestOptions, expected: object][] = [
  [{}, { revision: undefined, after: undefined, limit: undefined }],
  [{ resourceVersion: '0' }, { revision: undefined, after: undefined, limit: undefined }],
  [{ resourceVersion: '40' }, { revision: undefined, after: undefined, limit: undefined }],
  [
    { resourceVersion: '40', limit: 5 },
    { revision: 40, after: undefined, limit: 5 },
  ],
  [
    { resourceVersion: '40', limit: 5, resourceVersionMatch: 'NotOlderThan' },
    { revision: undefined, after: undefined, limit: 5 },
  ],
  [
    { resourceVersion: '40', resourceVersionMatch: 'Exact' },
    { revision: 40, after: undefined, limit: undefined },
  ],
  [
    { limit: 5, continue: token },
    { revision: 50, after: 'default/web', limit: 5 },
  ],
  [
    { limit: 5, continue: encodeContinue(-1, 'a') },
    { revision: undefined, after: 'a', limit: 5 },
  ],
  [{ limit: 0 }, { revision: undefined, after: undefined, limit: undefined }],
];

for (const [options, expected] of LISTS) {
  test(`planList reads at the right state for ${JSON.stringify(options)}`, () => assert.deepEqual(planList(options, NOW), expected));
}

const BAD_LISTS: [options: RequestOptions, code: number, text: RegExp][] = [
  [{ resourceVersionMatch: 'Exact' }, 422, /resourceVersionMatch is forbidden unless resourceVersion is provided/],
  [{ resourceVersionMatch: 'Exact', resourceVersion: '0' }, 422, /"exact" is forbidden for resourceVersion "0"/],
  [{ resourceVersionMatch: 'Near', resourceVersion: '5' }, 422, /Unsupported value: "Near"/],
  [{ continue: token, resourceVersion: '5' }, 400, /specifying resource version is not allowed when using continue/],
  [{ continue: token, resourceVersionMatch: 'Exact' }, 422, /resourceVersionMatch is forbidden when continue is provided/],
  [{ continue: 'x!', resourceVersion: 'abc' }, 400, /^invalid continue token: continue key is not valid/],
  [{ continue: token, resourceVersion: 'abc' }, 400, /specifying resource version is not allowed when using continue/],
  [{ continue: Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../secret"}').toString('base64url') }, 400, /continue key is not valid/],
  [{ sendInitialEvents: true }, 422, /sendInitialEvents is forbidden for list/],
  [
    { resourceVersion: 'abc' },
    400,
    /^invalid resource version: resourceVersion: Invalid value: "abc": strconv\.ParseUint: parsing "abc": invalid syntax/,
  ],
  [{ resourceVersion: '101' }, 504, /Too large resource version: 101, current: 100/],
];

for (const [options, code, text] of BAD_LISTS) {
  test(`planList refuses ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => planList(options, NOW),
      (error) => error instanceof StatusError && error.code === code && text.test(error.message),
    );
  });
}

test('planList tells of a version that is not reached by the cause that clients look for', () => {
  assert.throws(
    () => planList({ resourceVersion: '101' }, NOW),
    (error) => error instanceof StatusError && error.status.details?.causes?.[0]?.reason === 'ResourceVersionTooLarge',
  );
});

const WATCHES: [options: RequestOptions, expected: object][] = [
  [{}, { initial: true, markEnd: false, from: 0 }],
  [{ resourceVersion: '0' }, { initial: true, markEnd: false, from: 0 }],
  [{ resourceVersion: '40' }, { initial: false, markEnd: false, from: 40 }],
  [
    { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true },
    { initial: true, markEnd: true, from: 0 },
  ],
  [
    { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' },
    { initial: true, markEnd: false, from: 0 },
  ],
  [
    { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' },
    { initial: false, markEnd: false, from: NOW },
  ],
];

for (const [options, expected] of WATCHES) {
  test(`planWatch starts right for ${JSON.stringify(options)}`, () => assert.deepEqual(planWatch(options, NOW), expected));
}

test('planWatch refuses combinations that mean nothing', () => {
  const bad: RequestOptions[] = [
    { sendInitialEvents: true },
    { sendInitialEvents: true, resourceVersionMatch: 'Exact' },
    { resourceVersionMatch: 'NotOlderThan' },
    { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', continue: token },
  ];
  for (const options of bad) assert.throws(() => planWatch(options, NOW), StatusError);
});

test('planList and planWatch tell all that is wrong with the options at once', () => {
  const causes = (plan: () => unknown): string[] => {
    try {
      plan();
      return [];
    } catch (error) {
      return error instanceof StatusError ? (error.status.details?.causes ?? []).map((c) => `${c.field} ${c.reason}`) : [];
    }
  };
  const bad = { resourceVersionMatch: 'Near', continue: token, sendInitialEvents: true };
  assert.deepEqual(
    causes(() => planList(bad, NOW)),
    [
      'resourceVersionMatch FieldValueForbidden',
      'resourceVersionMatch FieldValueForbidden',
      'resourceVersionMatch FieldValueNotSupported',
      'sendInitialEvents FieldValueForbidden',
    ],
  );
  assert.deepEqual(
    causes(() => planWatch(bad, NOW)),
    ['resourceVersionMatch FieldValueForbidden', 'resourceVersionMatch FieldValueNotSupported', 'resourceVersionMatch FieldValueForbidden'],
  );
});

test('parseResourceVersion takes empty and 0 for "any"', () => {
  assert.deepEqual(['', '0', undefined, '7'].map(parseResourceVersion), [0, 0, 0, 7]);
  for (const bad of ['-1', '1.5', '99999999999999999999', ' 1']) assert.throws(() => parseResourceVersion(bad), StatusError);
});

test('continue tokens survive the way to the client and back', () => {
  assert.deepEqual(decodeContinue(encodeContinue(7, 'ns/nämé')), { revision: 7, after: 'ns/nämé' });
});
