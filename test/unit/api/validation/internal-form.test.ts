import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internalForm } from '../../../../src/api/validation/internal-form.ts';

test('internalForm shows members under Go names, in order, absent ones at their zero', () => {
  const shape = { type: '', rollingUpdate: { partition: 0, maxUnavailable: null } };
  assert.equal(
    JSON.stringify(internalForm({ rollingUpdate: { partition: 1 }, type: 'X', other: 1 }, shape)),
    '{"Type":"X","RollingUpdate":{"Partition":1,"MaxUnavailable":null}}',
  );
  assert.equal(JSON.stringify(internalForm({ type: 'X' }, shape)), '{"Type":"X","RollingUpdate":null}');
  assert.deepEqual(internalForm([{ a: 'x' }, {}], { a: '' }), [{ A: 'x' }, { A: '' }]);
  assert.equal(internalForm(undefined, shape), null);
  assert.equal(internalForm('text', shape), null);
});
