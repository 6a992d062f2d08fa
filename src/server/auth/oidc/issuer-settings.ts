// The issuer of an AuthenticationConfiguration: who signs tokens, for whom, and where its keys are. Pure.
// https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-Issuer

import { X509Certificate } from 'node:crypto';
import { duplicateValue, invalidValue, requiredValue } from '../../../api/validation/field-error.ts';
import { fieldsOf, itemsOf, refuse, requiredText, textOf } from './configuration-reader.ts';
import type { OidcOptions } from './oidc-claims.ts';

const FIELDS = ['url', 'discoveryURL', 'certificateAuthority', 'audiences', 'audienceMatchPolicy', 'egressSelectorType'];
const MATCH_ANY = 'MatchAny';

/** What is known of the issuer's place and of others. */
export interface IssuerContext {
  /** Path of the field. */
  readonly at: string;
  readonly disallowedIssuers: readonly string[];
}

/** Reads it. @throws KtsError `usage` */
export function readIssuer(
  value: unknown,
  { at, disallowedIssuers }: IssuerContext,
): Pick<OidcOptions, 'issuerUrl' | 'discoveryUrl' | 'audiences' | 'ca'> {
  const fields = fieldsOf(value, at, FIELDS);
  const issuerUrl = requiredText(fields['url'], `${at}.url`);
  if (disallowedIssuers.includes(issuerUrl)) {
    const list = disallowedIssuers.toSorted().join(' ');
    refuse(invalidValue(`${at}.url`, issuerUrl, `URL must not overlap with disallowed issuers: [${list}]`));
  }
  checkUrl(issuerUrl, `${at}.url`);
  const discoveryUrl = textOf(fields['discoveryURL'], `${at}.discoveryURL`);
  if (discoveryUrl !== '') {
    if (bare(discoveryUrl) === bare(issuerUrl))
      refuse(invalidValue(`${at}.discoveryURL`, discoveryUrl, 'discoveryURL must be different from URL'));
    checkUrl(discoveryUrl, `${at}.discoveryURL`);
  }
  const egress = textOf(fields['egressSelectorType'], `${at}.egressSelectorType`);
  if (egress !== '') refuse(invalidValue(`${at}.egressSelectorType`, egress, 'egress selector is not supported'));
  return {
    issuerUrl,
    discoveryUrl: discoveryUrl === '' ? undefined : discoveryUrl,
    audiences: readAudiences(fields['audiences'], fields['audienceMatchPolicy'], at),
    ca: readAuthority(fields['certificateAuthority'], `${at}.certificateAuthority`),
  };
}

const bare = (url: string): string => url.replace(/\/+$/, '');

function checkUrl(text: string, at: string): void {
  if (!URL.canParse(text)) refuse(invalidValue(at, text, `parse ${JSON.stringify(text)}: invalid URL`));
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== 'https:') refuse(invalidValue(at, text, 'URL scheme must be https'));
  if (username !== '' || password !== '') refuse(invalidValue(at, text, 'URL must not contain a username or password'));
  if (search !== '') refuse(invalidValue(at, text, 'URL must not contain a query'));
  if (hash !== '') refuse(invalidValue(at, text, 'URL must not contain a fragment'));
}

function readAudiences(value: unknown, policyValue: unknown, at: string): readonly string[] {
  const audiences = itemsOf(value, `${at}.audiences`).map((item, index) => requiredText(item, `${at}.audiences[${index}]`));
  const policy = textOf(policyValue, `${at}.audienceMatchPolicy`);
  if (audiences.length === 0) refuse(requiredValue(`${at}.audiences`, `at least one ${at}.audiences is required`));
  const twice = audiences.findIndex((audience, index) => audiences.indexOf(audience) < index);
  if (twice >= 0) refuse(duplicateValue(`${at}.audiences[${twice}]`, audiences[twice]));
  if (audiences.length > 1 && policy !== MATCH_ANY)
    refuse(invalidValue(`${at}.audienceMatchPolicy`, policy, 'audienceMatchPolicy must be MatchAny for multiple audiences'));
  if (policy !== '' && policy !== MATCH_ANY)
    refuse(invalidValue(`${at}.audienceMatchPolicy`, policy, 'audienceMatchPolicy must be empty or MatchAny for single audience'));
  return audiences;
}

function readAuthority(value: unknown, at: string): string | undefined {
  const pem = textOf(value, at);
  if (pem === '') return undefined;
  try {
    new X509Certificate(pem);
  } catch {
    // Why the text is no certificate says less than that it is none.
    refuse(invalidValue(at, '<omitted>', 'data does not contain any valid RSA or ECDSA certificates'));
  }
  return pem;
}
