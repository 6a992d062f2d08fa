// One stored value encrypted: AES-256-GCM in the form of upstream's aesgcm provider, so that an upstream control plane with the same
// key file reads it: `k8s:enc:aesgcm:v1:<key name>:`, a random nonce of 12 bytes, the ciphertext, a tag of 16 bytes. The store's key
// is authenticated with it, so a value cannot be moved to another place.
// https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#providers

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ENCRYPTED_MARK } from '../journal.ts';
import type { EncryptionKey } from './encryption-config.ts';

const PROVIDER_MARK = `${ENCRYPTED_MARK}aesgcm:v1:`;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Longest name that is looked for: a damaged value must not be searched to its end. */
const MAX_NAME_BYTES = 256;

/** The value as it is stored under `storeKey`. */
export function encryptValue(key: EncryptionKey, storeKey: string, value: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce);
  cipher.setAAD(Buffer.from(storeKey));
  return Buffer.concat([Buffer.from(`${PROVIDER_MARK}${key.name}:`), nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

/** The name of the key a stored value is encrypted with; undefined for a plain value, '' for one of another provider. */
export function keyNameOf(stored: Uint8Array): string | undefined {
  const head = Buffer.from(stored.buffer, stored.byteOffset, Math.min(stored.byteLength, PROVIDER_MARK.length + MAX_NAME_BYTES)).toString(
    'latin1',
  );
  if (!head.startsWith(ENCRYPTED_MARK)) return undefined;
  const end = head.indexOf(':', PROVIDER_MARK.length);
  return head.startsWith(PROVIDER_MARK) && end > 0 ? head.slice(PROVIDER_MARK.length, end) : '';
}

/** The plain value in a buffer of its own; undefined when it was not encrypted with this key under this `storeKey`, or is damaged. */
export function decryptValue(key: EncryptionKey, storeKey: string, stored: Uint8Array): Uint8Array | undefined {
  const start = PROVIDER_MARK.length + key.name.length + 1;
  const end = stored.byteLength - TAG_BYTES;
  if (end < start + NONCE_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key.secret, stored.subarray(start, start + NONCE_BYTES));
  decipher.setAAD(Buffer.from(storeKey));
  decipher.setAuthTag(stored.subarray(end));
  const plain = Buffer.allocUnsafeSlow(end - start - NONCE_BYTES);
  try {
    plain.set(decipher.update(stored.subarray(start + NONCE_BYTES, end)));
    decipher.final();
    return plain;
  } catch {
    // The tag does not fit: another key, another place, or damage. The caller says so.
    return undefined;
  }
}
