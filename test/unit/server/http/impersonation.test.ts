import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { impersonatedUser, impersonationChecks, impersonationWish } from '../../../../src/server/http/impersonation.ts';

const wishOf = (...raw: string[]) => impersonationWish(raw) ?? assert.fail('no wish');

describe('impersonationWish', () => {
  it('is undefined for requests that wish for nothing', () => {
    assert.equal(impersonationWish(['Accept', '*/*']), undefined);
    assert.equal(impersonationWish(['Impersonate-User', '']), undefined);
  });

  it('reads repeated headers one by one, keys decoded and in lower case, values as UTF-8', () => {
    const name = Buffer.from('jané').toString('latin1');
    const wish = wishOf(
      'Impersonate-User',
      name,
      'Impersonate-Uid',
      '7',
      'impersonate-group',
      'a, b',
      'Impersonate-Group',
      'c',
      'Impersonate-Extra-Example.com%2FTeam',
      'x',
      'Impersonate-Extra-example.com%2fteam',
      'y',
    );
    assert.deepEqual(wish, { name: 'jané', uid: '7', groups: ['a, b', 'c'], extra: { 'example.com/team': ['x', 'y'] } });
  });

  for (const [title, raw] of [
    ['a group', ['Impersonate-Group', 'a']],
    ['a uid', ['Impersonate-Uid', 'a']],
    ['an extra', ['Impersonate-Extra-a', 'b']],
  ] as const) {
    it(`refuses ${title} without a user`, () => {
      assert.throws(() => impersonationWish(raw), { code: 400, message: /^requested .* without impersonating a user name$/ });
    });
  }
});

describe('impersonatedUser', () => {
  const groupsOf = (name: string, ...groups: string[]) => impersonatedUser({ name, uid: undefined, groups, extra: {} }).groups;
  const cases: [string, string[], string[]][] = [
    ['jane', [], ['system:authenticated']],
    ['jane', ['devs'], ['devs', 'system:authenticated']],
    ['jane', ['system:unauthenticated'], ['system:unauthenticated']],
    ['system:anonymous', [], ['system:unauthenticated']],
    ['system:anonymous', ['devs', 'system:unauthenticated'], ['devs', 'system:unauthenticated']],
    ['system:serviceaccount:ns:a', [], ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated']],
    ['system:serviceaccount:ns:a', ['devs'], ['devs', 'system:authenticated']],
    ['system:serviceaccount:ns', [], ['system:authenticated']],
  ];
  for (const [name, asked, expected] of cases) {
    it(`of ${name} with ${asked.join() || 'no groups'} is in ${expected.join()}`, () =>
      assert.deepEqual(groupsOf(name, ...asked), expected));
  }
});

describe('impersonationChecks', () => {
  const user = { name: 'admin', groups: [] };
  const said = (...raw: string[]): string[] =>
    impersonationChecks(user, wishOf(...raw)).map(({ verb, resource }) => {
      const { group = '', resource: name = '', subresource = '', namespace = '', name: object = '' } = resource ?? {};
      return `${verb} ${[group, name, subresource].filter(Boolean).join('/')} ${namespace === '' ? object : `${namespace}/${object}`}`;
    });

  it('asks for the user, each group that is named, each extra value and the uid', () => {
    const raw = ['Impersonate-User', 'jane', 'Impersonate-Group', 'a', 'Impersonate-Group', 'system:authenticated', 'Impersonate-Uid', '7'];
    assert.deepEqual(said(...raw, 'Impersonate-Extra-k', 'x', 'Impersonate-Extra-k', 'y'), [
      'impersonate users jane',
      'impersonate groups a',
      'impersonate groups system:authenticated',
      'impersonate authentication.k8s.io/userextras/k x',
      'impersonate authentication.k8s.io/userextras/k y',
      'impersonate authentication.k8s.io/uids 7',
    ]);
  });

  it('asks for a service account in its namespace, and for none of the groups that come with it', () => {
    assert.deepEqual(said('Impersonate-User', 'system:serviceaccount:ns:robot'), ['impersonate serviceaccounts ns/robot']);
  });
});
