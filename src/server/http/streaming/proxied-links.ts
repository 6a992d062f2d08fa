// Links of a server behind a proxy path, led through that path: one URL, or those in the tags of an HTML page as it streams by. Pure.
// Which attributes hold URLs: HTML 4.01, index of attributes, and the HTML standard.

import { posix } from 'node:path';

/** Where a page comes from and where it is shown. */
export interface ProxiedPlace {
  /** Path of the proxy, without a slash at its end. */
  readonly prefix: string;
  /** Hosts, with ports as they are written, that mean the server behind. */
  readonly hosts: readonly string[];
}

const URL_PARTS = /^([a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is;

/** The URL led through the proxy when it is a whole path of the server behind; any other as it is. */
export function proxiedUrl(url: string, { prefix, hosts }: ProxiedPlace): string {
  const [, scheme, host, path = '', rest = ''] = URL_PARTS.exec(url) ?? [];
  if (!path.startsWith('/') || (scheme !== undefined && host === undefined)) return url;
  if (host !== undefined && host !== '' && !hosts.includes(host)) return url;
  return `${path.startsWith(prefix) ? path : posix.join(prefix, path)}${rest}`;
}

const URL_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** Elements whose content holds no tags. */
const TEXT_ELEMENTS: ReadonlySet<string> = new Set([
  'iframe',
  'noembed',
  'noframes',
  'noscript',
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
]);

/** A comment, a declaration or a tag, whole. Quoted values may hold `>`. */
const MARKUP = /^(?:<!--[\s\S]*?-->|<!(?!--)[^>]*>|<\?[^>]*>|<\/?[a-z](?:[^>"']|"[^"]*"|'[^']*')*>)/i;
/** A `<` that begins markup, or may when more comes. */
const BEGINS_MARKUP = /^<(?:$|\/$|\/?[a-z]|[!?])/i;
const TAG_NAME = /^<([a-z][^\s/>]*)/i;
/** The value is optional, so that a name without one is passed in one go. */
const ATTRIBUTE = /([^\s"'<>/=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+))?/g;

/** Longest tag or comment that is waited for, in characters; what is longer goes by unread. */
const MAX_MARKUP = 16 << 10;

function rewriteTag(tag: string, name: string, place: ProxiedPlace): string {
  const wanted = Object.hasOwn(URL_ATTRIBUTES, name) ? URL_ATTRIBUTES[name] : undefined;
  if (!wanted) return tag;
  return tag.replace(ATTRIBUTE, (whole: string, attribute: string, equals?: string, value = '') => {
    if (equals === undefined || !wanted.includes(attribute.toLowerCase())) return whole;
    const quote = value.startsWith('"') || value.startsWith("'") ? value.charAt(0) : '';
    const bare = quote === '' ? value : value.slice(1, -1);
    return `${attribute}${equals}${quote}${proxiedUrl(bare, place)}${quote}`;
  });
}

/** Rewrites the links of one page, piece by piece. */
export class LinkRewriter {
  readonly #place: ProxiedPlace;
  /** Text that may be the beginning of markup. */
  #rest = '';
  /** The end tag that is looked for, inside an element that holds text only. */
  #until: string | undefined;

  constructor(place: ProxiedPlace) {
    this.#place = place;
  }

  /** Takes the next piece of the page; returns what can go out. */
  push(piece: string): string {
    const text = this.#rest + piece;
    let out = '';
    let at = 0;
    for (;;) {
      const start = text.indexOf('<', at);
      if (start < 0) {
        this.#rest = '';
        return out + text.slice(at);
      }
      out += text.slice(at, start);
      const read = this.#markup(text.slice(start, start + MAX_MARKUP));
      if (!read) {
        this.#rest = text.slice(start);
        return out;
      }
      out += read.out;
      at = start + read.length;
    }
  }

  /** What is left at the end of the page. */
  end(): string {
    return this.#rest;
  }

  /** What stands at a `<`: what is to be sent for how many characters; undefined when more must come first. */
  #markup(text: string): { out: string; length: number } | undefined {
    const literal = { out: '<', length: 1 };
    if (this.#until !== undefined) {
      const head = text.slice(0, this.#until.length).toLowerCase();
      if (head.length < this.#until.length && this.#until.startsWith(head)) return undefined;
      if (head === this.#until) this.#until = undefined;
      return literal;
    }
    if (!BEGINS_MARKUP.test(text)) return literal;
    const whole = MARKUP.exec(text)?.[0];
    if (whole === undefined) return text.length < MAX_MARKUP ? undefined : { out: text, length: text.length };
    const name = TAG_NAME.exec(whole)?.[1]?.toLowerCase();
    if (name === undefined) return { out: whole, length: whole.length };
    if (TEXT_ELEMENTS.has(name)) this.#until = `</${name}`;
    return { out: rewriteTag(whole, name, this.#place), length: whole.length };
  }
}
