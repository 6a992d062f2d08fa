import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hasCode } from '../../../../src/base/errors.ts';
import { authorityHash, formatJoinToken, matchPassword, openJoinSecrets, parseJoinToken } from '../../../../src/server/pki/join-token.ts';

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
  it('refuses what is of neither form', () => {
    for (const text of ['', '  ', 'K10', 'K10abc::server:x', `K10${'a'.repeat(64)}::admin:x`, `K10${'a'.repeat(64)}::node:`, 'two words']) {
      assert.throws(
        () => parseJoinToken(text),
        (error) => hasCode(error, 'token-invalid'),
        text,
      );
    }
  });
});

describe('matchPassword', () => {
  const secrets = { server: 's', node: 'n' };
  for (const [password, user, expected] of [
    ['s', undefined, 'server'],
    ['n', undefined, 'node'],
    ['s', 'server', 'server'],
    ['s', 'node', undefined],
    ['n', 'server', undefined],
    ['x', undefined, undefined],
    ['', undefined, undefined],
  ] as const) {
    it(`${JSON.stringify(password)} as ${user ?? 'anyone'} is ${expected}`, () =>
      assert.equal(matchPassword(secrets, password, user), expected));
  }
});

describe('openJoinSecrets', () => {
  it('makes passwords once, keeps them in files, and takes given ones in either form', () => {
    const directory = mkdtempSync(join(tmpdir(), 'kts-token-'));
    try {
      const first = openJoinSecrets({ directory, authorityPem: 'PEM' });
      assert.match(first.server, /^[0-9a-f]{32}$/);
      assert.notEqual(first.server, first.node);
      assert.deepEqual(openJoinSecrets({ directory, authorityPem: 'PEM' }), first);
      assert.equal(statSync(join(directory, 'token')).mode & 0o777, 0o600);
      assert.equal(readFileSync(join(directory, 'node-token'), 'utf8'), `${formatJoinToken('PEM', 'node', first.node)}\n`);
      const given = openJoinSecrets({
        directory,
        authorityPem: 'PEM',
        token: 'mine',
        agentToken: formatJoinToken('PEM', 'node', 'theirs'),
      });
      assert.deepEqual(given, { server: 'mine', node: 'theirs' });
      assert.equal(readFileSync(join(directory, 'token'), 'utf8'), `${formatJoinToken('PEM', 'server', 'mine')}\n`);
      writeFileSync(join(directory, 'token'), 'K10broken');
      assert.throws(
        () => openJoinSecrets({ directory, authorityPem: 'PEM' }),
        (error) => hasCode(error, 'token-invalid'),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
