// The name of this machine's node.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { KtsError } from '../base/errors.ts';
import type { NodeOptions } from './options.ts';

const NODE_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** The id of `--with-node-id`, made at the first start and kept. */
function nodeId(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const id = randomBytes(4).toString('hex');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileAtomic(file, `${id}\n`, { mode: 0o600 });
  return id;
}

/** The node's name: that of the options or the host's, in lower case, with the kept id if one is asked for. @throws KtsError `usage` */
export function nodeNameOf(options: Pick<NodeOptions, 'nodeName' | 'withNodeId' | 'directories'>): string {
  const base = options.nodeName ?? hostname().toLowerCase();
  const name = options.withNodeId ? `${base}-${nodeId(`${options.directories.data}/agent/node-id`)}` : base;
  if (!NODE_NAME.test(name))
    throw new KtsError('usage', `the host name "${name}" is no node name (lower case letters, digits, '-' and '.'): give --node-name`);
  return name;
}
