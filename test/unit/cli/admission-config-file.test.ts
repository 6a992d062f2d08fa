// The file of --admission-control-config-file with the files that it names.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { KtsError } from '../../../src/base/errors.ts';
import { readAdmissionConfig } from '../../../src/cli/admission-config-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'kts-admission-config-'));
after(() => rmSync(directory, { recursive: true }));

const write = (name: string, content: unknown): string => {
  const path = join(directory, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const configured = (...plugins: object[]): string =>
  write('admission.yaml', { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins });
const read = (configFile: string | undefined, ...enable: string[]) => readAdmissionConfig({ configFile, enable, disable: [] });
const usage = (pattern: RegExp) => (error: unknown) =>
  error instanceof KtsError && error.code === 'usage' && pattern.test(error.message) ? true : assert.fail(String(error));

describe('readAdmissionConfig', () => {
  it('is nothing without a file', async () => assert.equal(await read(undefined), undefined));

  it('reads the configuration of a plugin from a file beside it', async () => {
    write('limits.yaml', 'kind: Configuration\nlimits:\n- {type: Server, qps: 5, burst: 10}\n');
    const found = await read(configured({ name: 'EventRateLimit', path: 'limits.yaml' }), 'EventRateLimit');
    assert.deepEqual(found?.eventLimits, [{ type: 'Server', qps: 5, burst: 10, cacheSize: 4096 }]);
  });

  it('reads a kubeconfig with the files that it names, which are beside it', async () => {
    mkdirSync(join(directory, 'image'));
    for (const name of ['ca', 'cert', 'key']) write(`image/${name}.pem`, name);
    const kubeConfigFile = write('image/kubeconfig', {
      clusters: [{ name: 'c', cluster: { server: 'https://images.example.com', 'certificate-authority': 'ca.pem' } }],
      users: [{ name: 'u', user: { 'client-certificate': 'cert.pem', 'client-key': join(directory, 'image/key.pem') } }],
    });
    const found = await read(configured({ name: 'ImagePolicyWebhook', configuration: { imagePolicy: { kubeConfigFile } } }));
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    assert.deepEqual(found?.imagePolicy?.target, {
      url: 'https://images.example.com',
      caBundle: base64('ca'),
      certificate: { certificate: base64('cert'), key: base64('key') },
    });
  });

  it('refuses a plugin that is enabled without what it needs', async () => {
    const needs = /^--enable-admission-plugins: ImagePolicyWebhook needs a configuration in --admission-control-config-file$/;
    await assert.rejects(read(undefined, 'ImagePolicyWebhook'), usage(needs));
    await assert.rejects(read(configured(), 'ImagePolicyWebhook'), usage(needs));
  });

  it('says what is wrong, and in which file', async () => {
    const noFile = configured({ name: 'ImagePolicyWebhook', configuration: { imagePolicy: {} } });
    await assert.rejects(read(noFile), usage(/admission\.yaml: ImagePolicyWebhook: imagePolicy\.kubeConfigFile is missing$/));
    await assert.rejects(read(join(directory, 'none.yaml')), usage(/none\.yaml: ENOENT/));
  });
});
