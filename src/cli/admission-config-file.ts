// Reads the file of --admission-control-config-file, and the files that it names.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { KtsError, messageOf } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';
import type { AdmissionConfiguration } from '../server/admission/admission-configuration.ts';

/** What the plugins are configured with; undefined when there is no file. @throws KtsError `usage` for a file that cannot be used */
export async function readAdmissionConfig(file: string | undefined): Promise<AdmissionConfiguration | undefined> {
  if (file === undefined) return undefined;
  const { configuredPlugins, readConfiguration } = await import('../server/admission/admission-configuration.ts');
  try {
    const plugins = configuredPlugins(await read(file));
    const resolved = plugins.map(async ({ name, path, configuration }) => ({
      name,
      configuration: path === '' ? configuration : await read(resolve(dirname(file), path)),
    }));
    return readConfiguration(await Promise.all(resolved));
  } catch (error) {
    throw new KtsError('usage', `--admission-control-config-file: ${file}: ${messageOf(error).split('\n')[0] ?? ''}`);
  }
}

async function read(file: string): Promise<unknown> {
  return await parseYaml(await readFile(file, 'utf8'), '1.1');
}
