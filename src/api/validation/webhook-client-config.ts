// Validation of where a webhook is: a URL or a Service, as configurations of admission and definitions of custom resources say it.
// Rules: "Dynamic Admission Control", contacting the webhook; texts are upstream's. Pure.

import type { FieldError } from '../status-error.ts';
import type { WebhookClientConfig } from '../types/admissionregistration-v1.gen.ts';
import { invalidValue, requiredValue } from './field-error.ts';
import { dnsSubdomain } from './object-meta.ts';

/** The faults of a `clientConfig`. */
export function clientConfigFaults({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [requiredValue(path, 'exactly one of url or service is required')];
  if (url !== undefined) return urlFaults(url, `${path}.url`);
  const at = `${path}.service`;
  const { name = '', namespace = '', port = 443, path: own } = service ?? {};
  return [
    ...(name === '' ? [requiredValue(`${at}.name`)] : []),
    ...(namespace === '' ? [requiredValue(`${at}.namespace`)] : []),
    ...(port < 1 || port > 65_535 ? [invalidValue(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive')] : []),
    ...pathFaults(own ?? '', `${at}.path`),
  ];
}

function urlFaults(url: string, path: string): FieldError[] {
  const form = '; desired format: https://host[/path]';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1] ?? '';
  const wrongScheme = invalidValue(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`);
  const noHost = invalidValue(path, '', `host must be specified${form}`);
  // To Go a bare path is a URL as well: one without scheme and host.
  if (scheme === '') return [wrongScheme, noHost];
  if (!URL.canParse(url)) {
    if (/^https:\/{0,2}$/i.test(url)) return [noHost];
    return [requiredValue(path, `url must be a valid URL: parse ${JSON.stringify(url)}: invalid URI for request${form}`)];
  }
  const { host, username, password, hash, search } = new URL(url);
  const user = password === '' ? username : `${username}:${password}`;
  return [
    ...(scheme.toLowerCase() === 'https' ? [] : [wrongScheme]),
    ...(host === '' ? [noHost] : []),
    ...(user === '' ? [] : [invalidValue(path, user, 'user information is not permitted in the URL')]),
    ...(hash === '' ? [] : [invalidValue(path, hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(search === '' ? [] : [invalidValue(path, search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function pathFaults(path: string, field: string): FieldError[] {
  if (path === '' || path === '/') return [];
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')];
  const start = path.startsWith('/') ? [] : [invalidValue(field, path, "must start with a '/'")];
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  const faults = steps.flatMap((step, i) => {
    if (step === '') return [invalidValue(field, path, `segment[${i}] may not be empty`)];
    return dnsSubdomain(step).map((why) => invalidValue(field, path, `segment[${i}]: ${why}`));
  });
  return [...start, ...faults];
}
