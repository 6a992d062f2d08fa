// What `kts secrets-encrypt` prints, and the words it does not take.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretsEncryptCommand, statusText } from '../../../../src/cli/commands/secrets-encrypt.ts';

describe('statusText', () => {
  it('marks the key that writes and counts what each has encrypted', () => {
    const keys = [
      { name: 'aesgcmkey-b', secrets: 4 },
      { name: 'a', secrets: 1 },
    ];
    assert.deepEqual(statusText({ enabled: true, keys, plain: 2 }).split('\n'), [
      'Encryption Status: Enabled',
      'Plain Secrets: 2',
      '',
      'Active  Key Type  Name         Secrets',
      '------  --------  ----         -------',
      ' *      AES-GCM   aesgcmkey-b  4',
      '        AES-GCM   a            1',
      '',
    ]);
  });

  it('marks no key while disabled', () => {
    assert.match(statusText({ enabled: false, keys: [{ name: 'a', secrets: 1 }], plain: 0 }), /Disabled\n[^*]*$/);
  });
});

describe('secretsEncryptCommand', () => {
  for (const [word, message] of [
    ['prepare', /part of kts secrets-encrypt rotate/],
    ['reencrypt', /part of kts secrets-encrypt rotate/],
    ['frob', /usage: kts secrets-encrypt status/],
  ] as const) {
    it(`refuses ${word}`, () => assert.rejects(secretsEncryptCommand({ args: [word], env: {} }), message));
  }
});
