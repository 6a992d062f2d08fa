import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { checkNamespace } from '../../../../src/server/registry/object-identity.ts';

const named = (namespace?: string): KubeObject => ({ metadata: { name: 'x', ...(namespace !== undefined && { namespace }) } });

const CASES: [own: string | undefined, asked: string, result: string | undefined][] = [
  [undefined, 'n', 'n'],
  ['', 'n', 'n'],
  ['n', 'n', 'n'],
  ['n', '', undefined],
  ['', '', undefined],
];

for (const [own, asked, result] of CASES) {
  test(`checkNamespace makes ${result} of ${own} in a request to '${asked}'`, () => {
    const object = named(own);
    checkNamespace(object, asked);
    assert.equal(object.metadata.namespace, result);
  });
}

test('checkNamespace refuses the namespace of another request', () => {
  const message = 'the namespace of the provided object does not match the namespace sent on the request';
  assert.throws(() => checkNamespace(named('other'), 'n'), { code: 400, message });
});
