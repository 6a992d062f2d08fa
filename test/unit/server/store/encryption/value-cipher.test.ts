// The form of encrypted values, and what does not decrypt.

import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { describe, it } from 'node:test';
import { decryptValue, encryptValue, keyNameOf } from '../../../../../src/server/store/encryption/value-cipher.ts';

const key = { name: 'key1', secret: new Uint8Array(32).fill(7) };
const place = '/registry/secrets/default/a';
const value = Buffer.from('{"data":{"password":"aHVudGVyMg=="}}');
const stored = Buffer.from(encryptValue(key, place, value));

describe('encryptValue', () => {
  it('writes the form of the aesgcm provider: mark, name, nonce, ciphertext, tag, with the store key authenticated', () => {
    const head = 'k8s:enc:aesgcm:v1:key1:';
    assert.equal(stored.subarray(0, head.length).toString(), head);
    const rest = stored.subarray(head.length);
    const decipher = createDecipheriv('aes-256-gcm', key.secret, rest.subarray(0, 12));
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(rest.subarray(-16));
    assert.deepEqual(Buffer.concat([decipher.update(rest.subarray(12, -16)), decipher.final()]), value);
  });

  it('never writes the same bytes twice', () => {
    assert.notDeepEqual(encryptValue(key, place, value), encryptValue(key, place, value));
  });
});

describe('decryptValue', () => {
  it('gives back what was encrypted', () => assert.deepEqual(decryptValue(key, place, stored), value));

  const flipped = Buffer.from(stored);
  flipped[40] = (flipped[40] ?? 0) ^ 1;
  const cases: readonly [string, Parameters<typeof decryptValue>][] = [
    ['another secret', [{ ...key, secret: new Uint8Array(32).fill(8) }, place, stored]],
    ['another place', [key, '/registry/secrets/default/b', stored]],
    ['one bit changed', [key, place, flipped]],
    ['a value cut short', [key, place, stored.subarray(0, 30)]],
    ['a value without its last byte', [key, place, stored.subarray(0, -1)]],
  ];
  for (const [name, args] of cases) it(`refuses ${name}`, () => assert.equal(decryptValue(...args), undefined));
});

describe('keyNameOf', () => {
  const cases: readonly [string, string | undefined][] = [
    ['{"kind":"Secret"}', undefined],
    ['', undefined],
    ['k8s:enc:aesgcm:v1:key1:xyz', 'key1'],
    ['k8s:enc:aescbc:v1:key1:xyz', ''],
    ['k8s:enc:aesgcm:v1:', ''],
  ];
  for (const [text, name] of cases) it(`finds ${name} in ${text}`, () => assert.equal(keyNameOf(Buffer.from(text)), name));
});
