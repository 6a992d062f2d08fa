// Reads the configuration file and its drop-ins. A missing default file is no error; a missing named one is.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KtsError, messageOf } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';
import type { ConfigSource } from './parse-flags.ts';

/**
 * The file and then `<file>.d/*.yaml` (and .yml) in order of name.
 * @param named whether the user named the file, so that it must exist
 * @throws KtsError `usage` when a file cannot be read or is not YAML.
 */
export async function readConfigFiles(file: string, named: 'named' | 'default'): Promise<ConfigSource[]> {
  const dropIns = `${file}.d`;
  const files = existsSync(dropIns)
    ? readdirSync(dropIns)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(dropIns, name))
    : [];
  if (existsSync(file)) files.unshift(file);
  else if (named === 'named') throw new KtsError('usage', `configuration file ${file} does not exist`);
  if (files.length === 0) return [];
  return await Promise.all(files.map(readSource));
}

async function readSource(file: string): Promise<ConfigSource> {
  try {
    return { file, content: await parseYaml(readFileSync(file, 'utf8')) };
  } catch (error) {
    throw new KtsError('usage', `${file}: ${messageOf(error)}`, { cause: error });
  }
}
