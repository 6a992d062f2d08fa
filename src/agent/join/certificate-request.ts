// Gets a certificate through the CertificateSigningRequest API: posts the request and waits until it is signed.

import { randomBytes } from 'node:crypto';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { type CertifiedKey, createRequest, generateKey, type SubjectAltNames } from '../../base/x509.ts';
import type { Client } from '../../client/client.ts';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.ts';
import { joinError } from './errors.ts';

/** The certificates a node has. */
export type NodeSigner = 'kubernetes.io/kube-apiserver-client-kubelet' | 'kubernetes.io/kubelet-serving';

/** First and longest pause between looks; the server signs within milliseconds. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** A request nobody signs by then is given up, and made anew by who asked. */
const PATIENCE_MS = 60_000;

/** What is asked for. */
export interface WantedCertificate {
  readonly signer: NodeSigner;
  readonly nodeName: string;
  /** Empty for the client certificate. */
  readonly sans: SubjectAltNames;
}

/**
 * A new key and its certificate, PEM, asked for with `client`.
 * @throws KtsError `join-certificate-refused` when it is denied or fails, `join-unavailable` when nobody signs it in time; StatusError of the client
 */
export async function requestCertificate(
  wanted: WantedCertificate,
  deps: { readonly client: Client; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<CertifiedKey> {
  const key = generateKey();
  const subject = { commonName: `system:node:${wanted.nodeName}`, organizations: ['system:nodes'] };
  const csr: CertificateSigningRequest = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: `node-csr-${randomBytes(16).toString('hex')}` },
    spec: {
      request: Buffer.from(createRequest(subject, wanted.sans, key)).toString('base64'),
      signerName: wanted.signer,
      usages: ['digital signature', wanted.signer.endsWith('serving') ? 'server auth' : 'client auth'],
    },
  };
  const name = { namespace: '', name: csr.metadata.name ?? '' };
  let seen = await deps.client.create(CERTIFICATE_SIGNING_REQUESTS, csr, signal ? { signal } : {});
  const until = deps.clock.monotonic() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const certificate = issuedCertificate(seen);
    if (certificate !== undefined) return { key, certificate };
    if (deps.clock.monotonic() > until)
      throw joinError('join-unavailable', `nobody signed ${name.name} (kubectl certificate approve ${name.name})`);
    await deps.clock.sleep(pause, signal);
    seen = await deps.client.get(CERTIFICATE_SIGNING_REQUESTS, name, signal ? { signal } : {});
  }
}

/** The certificate, PEM, once it is there. @throws KtsError `join-certificate-refused` */
function issuedCertificate(csr: CertificateSigningRequest): string | undefined {
  const { status } = csr;
  if (status?.certificate) return Buffer.from(status.certificate, 'base64').toString('utf8');
  const refusal = status?.conditions?.find((c) => c.type === 'Denied' || c.type === 'Failed');
  if (!refusal) return undefined;
  throw joinError('join-certificate-refused', `${csr.spec.signerName}: ${refusal.type}: ${refusal.message ?? refusal.reason ?? ''}`);
}
