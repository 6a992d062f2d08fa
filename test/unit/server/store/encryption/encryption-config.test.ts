// The key file: what is written, what is read, what is refused, and which keys leave it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type EncryptionKeys,
  formatEncryptionKeys,
  parseEncryptionKeys,
  withNewKey,
  withoutUnused,
} from '../../../../../src/server/store/encryption/encryption-config.ts';
import { StoreError } from '../../../../../src/server/store/errors.ts';

const key = (name: string) => ({ name, secret: Buffer.alloc(32, name) });
const secret = Buffer.alloc(32).toString('base64');
const file = (providers: unknown, resources: unknown = ['secrets']): string =>
  JSON.stringify({ kind: 'EncryptionConfiguration', resources: [{ resources, providers }] });

describe('parseEncryptionKeys', () => {
  const states: EncryptionKeys[] = [
    { enabled: true, keys: [key('b'), key('a')] },
    { enabled: false, keys: [key('a')] },
    { enabled: false, keys: [] },
  ];
  for (const state of states) {
    it(`reads back ${state.enabled} ${state.keys.map(({ name }) => name)}`, () =>
      assert.deepEqual(parseEncryptionKeys(formatEncryptionKeys(state), '/f'), state));
  }

  const refused: readonly [string, RegExp][] = [
    ['', /not an EncryptionConfiguration/],
    ['null', /not an EncryptionConfiguration/],
    [file([{ aesgcm: { keys: [{ name: 'a', secret }] } }], ['secrets', 'configmaps']), /no other/],
    [file([{ aescbc: { keys: [{ name: 'a', secret }] } }]), /provider aescbc/],
    [file([{ aesgcm: { keys: [] } }]), /no key/],
    [file([]), /no key/],
    [file([{ aesgcm: { keys: [{ name: 'a', secret: 'AAAA' }] } }]), /a is not 32 bytes/],
    [file([{ aesgcm: { keys: [{ name: 'a:b', secret }] } }]), /colon/],
    [
      file([
        {
          aesgcm: {
            keys: [
              { name: 'a', secret },
              { name: 'a', secret },
            ],
          },
        },
      ]),
      /same name/,
    ],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${text.slice(0, 140)}`, () =>
      assert.throws(
        () => parseEncryptionKeys(text, '/f'),
        (error) =>
          error instanceof StoreError && error.code === 'undecipherable' && error.message.startsWith('/f ') && message.test(error.message),
      ));
  }
});

describe('withNewKey', () => {
  it('puts the new key first, keeps the others, and enables', () => {
    assert.deepEqual(withNewKey({ enabled: false, keys: [key('a')] }, key('b')), { enabled: true, keys: [key('b'), key('a')] });
  });

  it('refuses to collect keys without end', () => {
    const keys = Array.from({ length: 16 }, (_, i) => key(String(i)));
    assert.throws(() => withNewKey({ enabled: true, keys }, key('b')), StoreError);
  });
});

describe('withoutUnused', () => {
  const keys = [key('c'), key('b'), key('a')];
  it('keeps the writing key and what is used', () => {
    assert.deepEqual(withoutUnused({ enabled: true, keys }, new Set(['a'])), { enabled: true, keys: [key('c'), key('a')] });
  });
  it('keeps only what is used while disabled', () => {
    assert.deepEqual(withoutUnused({ enabled: false, keys }, new Set(['', 'b'])), { enabled: false, keys: [key('b')] });
  });
});
