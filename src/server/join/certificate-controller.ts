// Approves, signs and forgets CertificateSigningRequests by certificate-plan.ts: upstream's csrapproving, csrsigning and csrcleaner.

import { isNotFound } from '../../api/status-error.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../api/types/certificates-v1.gen.ts';
import { type Clock, rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type CertifiedKey, fromPem } from '../../base/x509.ts';
import { type ParsedRequest, parseRequest } from '../../base/x509-parse.ts';
import type { Client } from '../../client/client.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { CERTIFICATE_SIGNING_REQUESTS, NODES } from '../../client/resources.ts';
import type { Authorizer } from '../auth/auth.ts';
import { isKnownSigner, signingFault, signRequest } from '../pki/csr-signers.ts';
import { type ApprovalContext, approvalReason, forgetAt, requestState } from './certificate-plan.ts';

/** What the controller needs. */
export interface CertificateControllerDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly authorizer: Authorizer;
  /** Signs what clients show. */
  readonly clientAuthority: CertifiedKey;
  /** Signs what kubelets show. */
  readonly serverAuthority: CertifiedKey;
  readonly serverNames: ApprovalContext['serverNames'];
  readonly localNode: string | undefined;
}

/** The controller. */
export function certificateController(deps: CertificateControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'certificates',
      setup: () => {
        const requests = deps.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
        const nodes = deps.informers.informer(NODES);
        return {
          sources: [source(requests), source(nodes, noKeys)],
          reconcile: (key) => {
            const csr = requests.lister.get(key);
            return csr ? handle(csr, nodes.lister.list(), deps) : Promise.resolve(undefined);
          },
        };
      },
    },
    deps,
  );
}

async function handle(
  csr: CertificateSigningRequest,
  nodes: ApprovalContext['nodes'],
  deps: CertificateControllerDeps,
): Promise<ReconcileResult | undefined> {
  const left = forgetAt(csr) - deps.clock.now();
  if (left <= 0) {
    await forget(csr, deps);
    return undefined;
  }
  const state = requestState(csr);
  if (state !== 'done' && isKnownSigner(csr.spec.signerName)) {
    const { signerName } = csr.spec;
    const signing = { signerName, request: pemOf(csr), usages: csr.spec.usages ?? [], ...life(csr) };
    const fault = faultOf(() => signingFault(signing));
    if (fault !== undefined) {
      // Upstream marks only what was approved: until then a human may still deny it.
      if (state === 'approved')
        await conclude(csr, { conditions: [condition(deps.clock, 'Failed', { reason: 'SignerValidationFailure', message: fault })] }, deps);
    } else if (state === 'approved') {
      const authority = signerName === 'kubernetes.io/kubelet-serving' ? deps.serverAuthority : deps.clientAuthority;
      const certificate = Buffer.from(signRequest(signing, authority, deps.clock.now())).toString('base64');
      await conclude(csr, { certificate }, deps);
    } else await approve(csr, parseRequest(fromPem(pemOf(csr))), { nodes, deps });
  }
  return { requeueAfterMs: left };
}

const pemOf = (csr: CertificateSigningRequest): string => Buffer.from(csr.spec.request, 'base64').toString('utf8');
const life = ({ spec }: CertificateSigningRequest) =>
  spec.expirationSeconds === undefined ? {} : { expirationSeconds: spec.expirationSeconds };

function faultOf(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    return messageOf(error); // A request that cannot be read is a fault of the request.
  }
}

async function approve(
  csr: CertificateSigningRequest,
  request: ParsedRequest,
  { nodes, deps }: { nodes: ApprovalContext['nodes']; deps: CertificateControllerDeps },
): Promise<void> {
  const { username = '', groups = [], uid } = csr.spec;
  const mayCreate: ApprovalContext['mayCreate'] = (subresource) => {
    const user = { name: username, groups, ...(uid !== undefined && { uid }) };
    const resource = {
      group: 'certificates.k8s.io',
      version: 'v1',
      resource: 'certificatesigningrequests',
      subresource,
      namespace: '',
      name: '',
    };
    return deps.authorizer.authorize({ user, verb: 'create', resource }).decision === 'allow';
  };
  const message = approvalReason(csr, request, { mayCreate, nodes, serverNames: deps.serverNames, localNode: deps.localNode });
  if (message === undefined) return;
  const approved = condition(deps.clock, 'Approved', { reason: 'AutoApproved', message });
  const status = { ...csr.status, conditions: [...(csr.status?.conditions ?? []), approved] };
  await deps.client.update(CERTIFICATE_SIGNING_REQUESTS, { ...csr, status }, { subresource: 'approval' });
  deps.log.info('certificate request approved', { name: csr.metadata.name, user: username, signer: csr.spec.signerName });
}

async function conclude(
  csr: CertificateSigningRequest,
  outcome: { certificate?: string; conditions?: CertificateSigningRequestCondition[] },
  deps: CertificateControllerDeps,
): Promise<void> {
  const conditions = [...(csr.status?.conditions ?? []), ...(outcome.conditions ?? [])];
  const status = { ...csr.status, ...outcome, conditions };
  await deps.client.update(CERTIFICATE_SIGNING_REQUESTS, { ...csr, status }, { subresource: 'status' });
}

function condition(clock: Clock, type: string, why: { reason: string; message: string }): CertificateSigningRequestCondition {
  const now = rfc3339(clock.now());
  return { type, status: 'True', ...why, lastUpdateTime: now, lastTransitionTime: now };
}

async function forget(csr: CertificateSigningRequest, deps: CertificateControllerDeps): Promise<void> {
  try {
    await deps.client.delete(CERTIFICATE_SIGNING_REQUESTS, { namespace: '', name: csr.metadata.name ?? '' });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
