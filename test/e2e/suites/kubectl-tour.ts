// A tour of kubectl's commands, walked with every kubectl of the machine: the steps are data in kubectl-tour-steps.ts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import type { KubectlProgram } from '../support/kubectls.ts';
import { CHAPTERS, FILES, type Step } from './kubectl-tour-steps.ts';

/** The suite, once for each program. */
export function kubectlTour(of: () => TestCluster, programs: readonly KubectlProgram[]): void {
  for (const program of programs) describe(`kubectl 1.${program.minor}`, () => tour(of, program));
}

function tour(of: () => TestCluster, program: KubectlProgram): void {
  const name = `tour${program.minor}`;
  const kubectl = (): Kubectl => of().kubectl.in(name).by(program.path);
  const directory = (): string => join(of().server.root, name);

  before(async () => {
    for (const [path, content] of Object.entries(FILES)) {
      const full = join(directory(), path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content.replaceAll('NAME', name));
    }
    writeKeys(directory(), name);
    await kubectl().run(['create', 'namespace', name]);
  });
  after(async () => {
    await kubectl().run(['delete', 'namespace', name, '--timeout=60s']);
  });

  for (const [chapter, steps] of Object.entries(CHAPTERS)) {
    test(chapter, async () => {
      for (const step of steps) if (program.minor >= (step.from ?? 0)) await walk(kubectl(), step, { directory: directory(), name });
    });
  }
}

/** A key with a certificate for `create secret tls`, and a request for a CertificateSigningRequest. */
function writeKeys(directory: string, name: string): void {
  const key = join(directory, 'tls.key');
  writeFileSync(key, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  writeFileSync(join(directory, 'tls.crt'), openssl('req', '-x509', '-new', '-key', key, '-subj', '/CN=tour', '-days', '2'));
  for (const wish of ['yes', 'no']) {
    const request = openssl('req', '-new', '-key', key, '-subj', `/O=readers/CN=${wish}`).toString('base64');
    const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
    const object = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: `${name}-${wish}` }, spec };
    writeFileSync(join(directory, `csr-${wish}.json`), JSON.stringify(object));
  }
}

/** A command's words: split at spaces, single quotes keep them together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

async function walk(kubectl: Kubectl, step: Step, place: { directory: string; name: string }): Promise<void> {
  const text = step.run.replaceAll('NAME', place.name).replaceAll('DIR', place.directory);
  const input = step.input?.replaceAll('NAME', place.name);
  const { code, stdout, stderr } = await kubectl.try(wordsOf(text), {
    ...(input && { input }),
    env: { TMPDIR: place.directory, ...step.env },
  });
  const said = `kubectl ${text}: exit ${code}\n${stdout}${stderr}`;
  assert.equal(code, step.code ?? 0, said);
  for (const pattern of [step.says ?? []].flat()) assert.match(stdout + stderr, pattern, said);
}
