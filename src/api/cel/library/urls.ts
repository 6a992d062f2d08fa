// URLs in CEL, taken apart as Go does. Rules: "Kubernetes CEL libraries", "Kubernetes URL library".

import { BOOL, listOf, mapOf, opaque, STRING } from '../cel-type.ts';
import { ONE, TRANSFORM } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { URL_TYPE } from '../opaque-types.ts';
import { fn, method, type Overload, opaqueParam, P } from '../overload.ts';
import { ArrayList, CelOpaque, EntryMap } from '../values.ts';

interface UrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** A parsed URL. */
class UrlValue extends CelOpaque {
  readonly typeName = URL_TYPE;
  readonly text: string;
  readonly parts: UrlParts;
  constructor(text: string, parts: UrlParts) {
    super();
    this.text = text;
    this.parts = parts;
  }
  equals(other: CelOpaque): boolean {
    return other instanceof UrlValue && this.text === other.text;
  }
}

const URL_FORM = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s;
const CONTROL = /[\p{Cc}]/u;

/** An absolute URL, or an absolute path. @throws CelEvaluationError */
function parseUrl(text: string): UrlValue {
  const fault = (why: string): never => {
    throw failure(`URL parse error during conversion from string: parse "${text}": ${why}`);
  };
  if (text === '') return fault('empty url');
  if (CONTROL.test(text)) return fault('net/url: invalid control character in URL');
  const [, scheme, authority, path = '', query = ''] = URL_FORM.exec(text) ?? [];
  if (scheme === undefined && !text.startsWith('/')) {
    return fault(/^[^/?]*:/.test(text) ? 'first path segment in URL cannot contain colon' : 'invalid URI for request');
  }
  const host = (authority ?? '').replace(/^.*@/, '');
  if (/:(?!\d*$)/.test(host.replace(/^\[[^\]]*\]/, ''))) return fault(`invalid port ":${host.split(':').at(-1)}" after host`);
  if (/[ "<>\\^`{|}]/.test(host)) return fault(`invalid character "${/[ "<>\\^`{|}]/.exec(host)?.[0]}" in host name`);
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path)?.[0];
  if (badEscape !== undefined) return fault(`invalid URL escape "${badEscape}"`);
  return new UrlValue(text, { scheme: (scheme ?? '').toLowerCase(), host, path, query });
}

const isUrl = (text: string): boolean => {
  try {
    parseUrl(text);
    return true;
  } catch {
    return false; // The question is only whether it is one.
  }
};

/** The host without its port and without brackets. */
function hostname({ parts: { host } }: UrlValue): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1];
  return bracketed ?? host.replace(/:\d*$/, '');
}

const port = ({ parts: { host } }: UrlValue): string => /:(\d+)$/.exec(host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '';

function escapedPath({ parts: { path } }: UrlValue): string {
  return path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@%!'()*[\]]/gu, encodeURIComponent);
}

function query({ parts }: UrlValue): EntryMap {
  const values = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(parts.query)) values.set(key, [...(values.get(key) ?? []), value]);
  const map = new EntryMap();
  for (const [key, items] of values) map.insert(key, new ArrayList(items));
  return map;
}

/** The functions of URLs. */
export function urlLibrary(): readonly Overload[] {
  const url = opaqueParam<UrlValue>(URL_TYPE);
  const text = { params: [url], result: STRING } as const;
  return [
    fn('url', { params: [P.string], result: opaque(URL_TYPE), cost: TRANSFORM }, parseUrl),
    fn('isURL', { params: [P.string], result: BOOL, cost: ONE }, isUrl),
    method('getScheme', text, ({ parts }) => parts.scheme),
    method('getHost', text, ({ parts }) => parts.host),
    method('getHostname', text, hostname),
    method('getPort', text, port),
    method('getEscapedPath', text, escapedPath),
    method('getQuery', { params: [url], result: mapOf(STRING, listOf(STRING)) }, query),
  ];
}
