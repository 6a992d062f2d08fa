import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSeats, readsCollection } from '../../../../../src/server/http/flow-control/list-width.ts';
import { parseRequestInfo } from '../../../../../src/server/http/request-info.ts';

const READS: [request: string, reads: boolean][] = [
  ['GET /api/v1/pods', true],
  ['GET /api/v1/namespaces/a/pods?limit=500', true],
  ['GET /api/v1/pods?watch=true&sendInitialEvents=true', true],
  ['GET /api/v1/pods?watch=true', false],
  ['GET /api/v1/namespaces/a/pods/p', false],
  ['GET /api/v1/pods?fieldSelector=metadata.name%3Dp', false],
  ['POST /api/v1/namespaces/a/pods', false],
  ['GET /version', false],
];
for (const [request, reads] of READS) {
  test(`readsCollection says ${reads} of ${request}`, () => {
    const [method = '', url = ''] = request.split(' ');
    const { pathname, searchParams } = new URL(url, 'https://a');
    assert.equal(readsCollection(parseRequestInfo(method, pathname, searchParams), searchParams), reads);
  });
}

const SEATS: [query: string, stored: number, seats: number][] = [
  ['', 0, 1],
  ['', 100, 1],
  ['', 101, 2],
  ['', 950, 10],
  ['limit=500', 10_000, 5],
  ['limit=500', 40, 1],
  ['limit=0', 250, 3],
  ['limit=x', 250, 3],
  ['limit=-5', 250, 3],
  ['limit=10&labelSelector=a%3Db', 900, 9],
  ['limit=10&fieldSelector=spec.nodeName%3Dn', 900, 9],
];
for (const [query, stored, seats] of SEATS) {
  test(`listSeats gives ${seats} to a list of ${stored} objects with "${query}"`, () =>
    assert.equal(listSeats(new URLSearchParams(query), stored), seats));
}
