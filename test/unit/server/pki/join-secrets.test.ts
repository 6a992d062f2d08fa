import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hasCode } from '../../../../src/base/errors.ts';
import { formatJoinToken } from '../../../../src/client/join-token.ts';
import { matchPassword, openJoinSecrets } from '../../../../src/server/pki/join-secrets.ts';

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
