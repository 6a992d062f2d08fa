import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { authProxyHeaders, isIdentityHeader } from '../../../../src/server/auth/auth-proxy-headers.ts';
import { extraKey, headerValues } from '../../../../src/server/auth/header-values.ts';

describe('authProxyHeaders', () => {
  it('names the user, its uid, each group and each extra value', () => {
    const user = { name: 'jané', uid: '7', groups: ['a', 'b,c'], extra: { 'example.com/team': ['x', 'y'], 'a%b': ['z'] } };
    assert.deepEqual(authProxyHeaders(user), {
      'X-Remote-User': Buffer.from('jané', 'utf8').toString('latin1'),
      'X-Remote-Uid': '7',
      'X-Remote-Group': ['a', 'b,c'],
      'X-Remote-Extra-example.com%2Fteam': ['x', 'y'],
      'X-Remote-Extra-a%25b': ['z'],
    });
  });

  it('says nothing of what a user does not have', () => {
    assert.deepEqual(authProxyHeaders({ name: 'a', groups: [] }), { 'X-Remote-User': 'a' });
  });

  it('is read back by headerValues and extraKey', () => {
    const raw = Object.entries(authProxyHeaders({ name: 'jané', groups: ['a, b', 'c'], extra: { 'x/Y': ['1'] } })).flatMap(
      ([name, values]) => [values].flat().flatMap((value) => [name, value]),
    );
    const headers = headerValues(raw);
    assert.deepEqual(headers.get('x-remote-user'), ['jané']);
    assert.deepEqual(headers.get('x-remote-group'), ['a, b', 'c']);
    const name = [...headers.keys()].find((key) => key.startsWith('x-remote-extra-')) ?? '';
    assert.equal(extraKey(name, 'x-remote-extra-'), 'x/y');
  });
});

describe('isIdentityHeader', () => {
  it('knows credentials, front proxy headers and impersonation, and nothing else', () => {
    assert.deepEqual(
      ['authorization', 'x-remote-user', 'x-remote-extra-a', 'impersonate-group', 'accept', 'x-forwarded-for'].map(isIdentityHeader),
      [true, true, true, true, false, false],
    );
  });
});
