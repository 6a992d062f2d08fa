// Client certificates: the common name is the user, the organizations are its groups.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates

import { createHash, X509Certificate } from 'node:crypto';
import { unauthorized } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { LruMap } from '../../base/lru-map.ts';
import { type ParsedCertificate, parseCertificate, USAGES } from '../../base/x509-parse.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authenticator, Credentials } from './auth.ts';
import { AUTHENTICATED } from './auth-groups.ts';

/** Certificates whose chain was checked: some more than the nodes and users of a large cluster, 1 KB each. */
const MOST_CERTIFICATES = 1_024;
const ANY_USAGE = '2.5.29.37.0';

interface Verified {
  readonly certificate: ParsedCertificate;
  readonly user: UserInfo | undefined;
}

/** Authenticates by certificates that the client authority has issued. */
export class ClientCertificateAuthenticator implements Authenticator {
  readonly #authorities: readonly X509Certificate[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #verified = new LruMap<string, Verified>(MOST_CERTIFICATES);

  /** @param options.authorities PEM, one certificate each */
  constructor(options: { authorities: readonly string[] }, deps: { clock: Pick<Clock, 'now'> }) {
    this.#authorities = options.authorities.map((pem) => new X509Certificate(pem));
    this.#clock = deps.clock;
  }

  async authenticate({ clientCertificate }: Credentials): Promise<UserInfo | undefined> {
    if (!clientCertificate) return undefined;
    const fingerprint = createHash('sha256').update(clientCertificate).digest('hex');
    const verified = this.#verified.get(fingerprint) ?? this.#verify(clientCertificate, fingerprint);
    const now = this.#clock.now();
    if (!verified || now < verified.certificate.notBefore || now > verified.certificate.notAfter) throw unauthorized();
    return verified.user;
  }

  #verify(der: Uint8Array, fingerprint: string): Verified | undefined {
    const certificate = issuedCertificate(der, this.#authorities);
    if (!certificate) return undefined;
    const verified = { certificate, user: userOf(certificate, fingerprint) };
    this.#verified.set(fingerprint, verified);
    return verified;
  }
}

/** The certificate if one of the authorities issued it for clients. */
function issuedCertificate(der: Uint8Array, authorities: readonly X509Certificate[]): ParsedCertificate | undefined {
  try {
    const shown = new X509Certificate(der);
    if (!authorities.some((authority) => shown.checkIssued(authority) && shown.verify(authority.publicKey))) return undefined;
    const certificate = parseCertificate(der);
    const usages = certificate.extendedUsages ?? [ANY_USAGE];
    return usages.includes(USAGES.client) || usages.includes(ANY_USAGE) ? certificate : undefined;
  } catch {
    return undefined; // What cannot be read was not issued by us.
  }
}

function userOf({ subject }: ParsedCertificate, fingerprint: string): UserInfo | undefined {
  if (subject.commonName === '') return undefined;
  return {
    name: subject.commonName,
    groups: [...subject.organizations, AUTHENTICATED],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}
