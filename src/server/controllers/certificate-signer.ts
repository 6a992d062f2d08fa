// Signs approved certificate requests, and deletes requests that are settled or were never answered.

import { nameOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.ts';
import type { SigningRequest } from '../pki/csr-signers.ts';
import { awaitsSignature, faultOf, isCsrGarbage, signingRequestOf } from './certificate-plan.ts';
import type { ControllerDeps } from './controller.ts';

/** How often requests are looked through for old ones. */
const CLEAN_PERIOD_MS = 3_600_000;

/** What the signer needs beside. */
export interface CertificateSignerDeps extends ControllerDeps {
  /** Signs a request that was checked; returns the certificate in PEM. `nowMs` in milliseconds since 1970. */
  readonly signCertificate: (request: SigningRequest, nowMs: number) => string;
}

function settled(csr: CertificateSigningRequest, deps: CertificateSignerDeps): NonNullable<CertificateSigningRequest['status']> {
  const nowMs = deps.clock.now();
  const fault = faultOf(csr);
  const request = signingRequestOf(csr);
  if (fault === undefined && request) {
    return { ...csr.status, certificate: Buffer.from(deps.signCertificate(request, nowMs)).toString('base64') };
  }
  const now = rfc3339(nowMs);
  const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', lastUpdateTime: now, lastTransitionTime: now };
  return { ...csr.status, conditions: [...(csr.status?.conditions ?? []), { ...failed, message: fault ?? 'unknown signer' }] };
}

/** Signs for the signers of kubernetes.io that kts has. */
export function certificateSignerController(deps: CertificateSignerDeps): Component {
  return new ControllerLoop(
    {
      name: 'certificate-signer',
      workers: 1,
      setup: () => {
        const requests = deps.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
        return {
          sources: [source(requests)],
          async reconcile(key, signal): Promise<undefined> {
            const csr = requests.lister.get(key);
            if (!csr || !awaitsSignature(csr)) return undefined;
            const draft = { ...csr, status: settled(csr, deps) };
            await deps.client.update(CERTIFICATE_SIGNING_REQUESTS, draft, { subresource: 'status', signal });
            return undefined;
          },
        };
      },
    },
    deps,
  );
}

/** Deletes old certificate requests. */
export function certificateCleanerController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'certificate-cleaner',
      workers: 1,
      setup: () => {
        const requests = deps.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
        return {
          sources: [source(requests)],
          async reconcile(key, signal) {
            const csr = requests.lister.get(key);
            if (!csr) return undefined;
            if (!isCsrGarbage(csr, deps.clock.now())) return { requeueAfterMs: CLEAN_PERIOD_MS };
            try {
              await deps.client.delete(CERTIFICATE_SIGNING_REQUESTS, nameOf(key), { signal });
            } catch (error) {
              // Somebody else deleted it.
              if (!isNotFound(error)) throw error;
            }
            return undefined;
          },
        };
      },
    },
    deps,
  );
}
