import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { authorityHash, formatJoinToken, parseJoinToken } from '../../../src/client/join-token.ts';

describe('parseJoinToken', () => {
  it('takes both forms apart', () => {
    const hash = authorityHash('PEM');
    assert.deepEqual(parseJoinToken(` ${formatJoinToken('PEM', 'server', 'p:w')}\n`), {
      authorityHash: hash,
      user: 'server',
      password: 'p:w',
    });
    assert.deepEqual(parseJoinToken(`K10${hash}::node:x`), { authorityHash: hash, user: 'node', password: 'x' });
    assert.deepEqual(parseJoinToken('secret'), { authorityHash: undefined, user: undefined, password: 'secret' });
  });
  it('knows nothing that is of neither form', () => {
    for (const text of ['', '  ', 'K10', 'K10abc::server:x', `K10${'a'.repeat(64)}::admin:x`, `K10${'a'.repeat(64)}::node:`, 'two words']) {
      assert.equal(parseJoinToken(text), undefined, text);
    }
  });
});
