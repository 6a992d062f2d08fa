import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditEvent, fittingLine } from '../../../../src/server/audit/audit-event.ts';

const event = (line: string, bare?: string): AuditEvent => ({ line, bare: () => bare });

test('fittingLine keeps what fits, takes the objects out of what does not, and gives up what is still too large', () => {
  const limits = { maxEventBytes: 4, maxBatchBytes: 100 };
  assert.equal(fittingLine(event('abcd', 'a'), limits), 'abcd');
  assert.equal(fittingLine(event('abcde', 'abc'), limits), 'abc');
  assert.equal(fittingLine(event('abcde', 'abcde'), limits), undefined);
  assert.equal(fittingLine(event('abcde'), limits), undefined);
  assert.equal(fittingLine(event('äää', 'b'), limits), 'b', 'bytes count, not characters');
  assert.equal(fittingLine(event('abcde'), undefined), 'abcde');
});
