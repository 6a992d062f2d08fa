// Binds a node's name to the machine that took it first: its random password is kept, hashed, in a Secret. As k3s does, so that
// a join token alone does not let one node pose as another.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import type { Secret } from '../../api/types/core-v1.gen.ts';
import type { Client } from '../../client/client.ts';
import { NODES, SECRETS } from '../../client/resources.ts';

const NAMESPACE = 'kube-system';

const secretName = (node: string) => ({ namespace: NAMESPACE, name: `${node}.node-password.kts` });

/**
 * Whether the password is the node's. The first one a name comes with is kept; so is another when the Node object is gone: the
 * name is free then. @throws StatusError of the client
 */
export async function holdsNodeName(client: Client, node: string, password: string): Promise<boolean> {
  const kept = await orUndefined(client.get(SECRETS, secretName(node)));
  if (kept && (await matches(kept, password))) return true;
  if (kept && (await orUndefined(client.get(NODES, { namespace: '', name: node })))) return false;
  const secret = await newSecret(node, password);
  try {
    if (kept)
      await client.update(SECRETS, { ...secret, metadata: { ...secret.metadata, resourceVersion: kept.metadata.resourceVersion ?? '' } });
    else await client.create(SECRETS, secret);
    return true;
  } catch (error) {
    // Two machines came with the name at once: the other was first.
    if (isAlreadyExists(error)) return holdsNodeName(client, node, password);
    throw error;
  }
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function newSecret(node: string, password: string): Promise<Secret> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: secretName(node),
    type: 'kts.io/node-password',
    immutable: false,
    data: { hash: Buffer.from(`${salt.toString('base64url')}.${hash.toString('base64url')}`).toString('base64') },
  };
}

async function matches(secret: Secret, password: string): Promise<boolean> {
  const [salt = '', hash = ''] = Buffer.from(secret.data?.['hash'] ?? '', 'base64')
    .toString()
    .split('.');
  const expected = Buffer.from(hash, 'base64url');
  const derived = await derive(password, Buffer.from(salt, 'base64url'));
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => scrypt(password, salt, 32, (error, key) => (error ? reject(error) : resolve(key))));
}
