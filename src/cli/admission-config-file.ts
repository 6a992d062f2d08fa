// Reads the file of --admission-control-config-file, and the files that it names.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isObject } from '../api/copy.ts';
import { KtsError, messageOf } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';
import type { AdmissionConfiguration } from '../server/admission/admission-configuration.ts';
import type { ServerOptions } from './options.ts';

/**
 * What the plugins are configured with; undefined when there is no file.
 * @throws KtsError `usage` for a file that cannot be used, and for a plugin that is enabled without what it cannot do without
 */
export async function readAdmissionConfig({
  configFile: file,
  enable,
}: ServerOptions['admission']): Promise<AdmissionConfiguration | undefined> {
  const { unconfiguredPlugin } = await import('../server/admission/admission-configuration.ts');
  const configuration = file === undefined ? undefined : await readFileOf(file);
  const lacking = unconfiguredPlugin(enable, configuration);
  if (lacking !== undefined)
    throw new KtsError('usage', `--enable-admission-plugins: ${lacking} needs a configuration in --admission-control-config-file`);
  return configuration;
}

async function readFileOf(file: string): Promise<AdmissionConfiguration> {
  const { configuredPlugins, readConfiguration } = await import('../server/admission/admission-configuration.ts');
  try {
    const plugins = configuredPlugins(await read(file));
    const resolved = plugins.map(async ({ name, path, configuration: inline }) => {
      const configuration = path === '' ? inline : await read(resolve(dirname(file), path));
      return { name, configuration: name === 'ImagePolicyWebhook' ? await withKubeconfig(configuration) : configuration };
    });
    return readConfiguration(await Promise.all(resolved));
  } catch (error) {
    throw new KtsError('usage', `--admission-control-config-file: ${file}: ${messageOf(error).split('\n')[0] ?? ''}`);
  }
}

/** The configuration of ImagePolicyWebhook with what its kubeconfig says. */
async function withKubeconfig(configuration: unknown): Promise<unknown> {
  const { imagePolicy } = isObject(configuration) ? configuration : {};
  const { kubeConfigFile } = isObject(imagePolicy) ? imagePolicy : {};
  if (typeof kubeConfigFile !== 'string') throw new RangeError('ImagePolicyWebhook: imagePolicy.kubeConfigFile is missing');
  const kubeconfig = await inlined(await read(kubeConfigFile), dirname(resolve(kubeConfigFile)));
  return { imagePolicy, kubeconfig };
}

/** Members of a kubeconfig that name a file, and that hold what would be in it. */
const FILES: Readonly<Record<string, string>> = {
  'certificate-authority': 'certificate-authority-data',
  'client-certificate': 'client-certificate-data',
  'client-key': 'client-key-data',
};

/** The kubeconfig with its files in it; `directory` is where it is. */
async function inlined(value: unknown, directory: string): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map((item) => inlined(item, directory)));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(async ([key, member]) => {
    const data = FILES[key];
    if (data !== undefined && typeof member === 'string') return [data, (await readFile(resolve(directory, member))).toString('base64')];
    if (key === 'tokenFile' && typeof member === 'string') return ['token', (await readFile(resolve(directory, member), 'utf8')).trim()];
    return [key, await inlined(member, directory)];
  });
  return Object.fromEntries(await Promise.all(members)) as unknown;
}

async function read(file: string): Promise<unknown> {
  return await parseYaml(await readFile(file, 'utf8'), '1.1');
}
