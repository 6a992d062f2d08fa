// Groups of this machine by name.

import { readFileSync } from 'node:fs';
import { KtsError } from '../base/errors.ts';

/** The id of a group given by name or number. @throws KtsError `usage` when there is none */
export function groupIdOf(group: string, file = '/etc/group'): number {
  if (/^\d+$/.test(group)) return Number(group);
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${group}:`));
  const id = line?.split(':')[2];
  if (id === undefined) throw new KtsError('usage', `--write-kubeconfig-group: there is no group ${group}`);
  return Number(id);
}
