import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkRewriter, proxiedUrl } from '../../../../../src/server/http/streaming/proxied-links.ts';

const PREFIX = '/api/v1/namespaces/a/pods/web:80/proxy';
const PLACE = { prefix: PREFIX, hosts: ['10.42.0.5:80', 'localhost:8001'] };

test('proxiedUrl leads whole paths of the server behind through the proxy and leaves others', () => {
  for (const [url, expected] of [
    ['/', `${PREFIX}/`],
    ['/a/b/?c=/d#e', `${PREFIX}/a/b/?c=/d#e`],
    ['/a//b', `${PREFIX}/a/b`],
    ['http://10.42.0.5:80/a', `${PREFIX}/a`],
    ['//localhost:8001/a', `${PREFIX}/a`],
    [`${PREFIX}/a`, `${PREFIX}/a`],
    ['a/b', 'a/b'],
    ['', ''],
    ['#top', '#top'],
    ['?q=/a', '?q=/a'],
    ['http://example.com/a', 'http://example.com/a'],
    ['//example.com/a', '//example.com/a'],
    ['http://10.42.0.5:80', 'http://10.42.0.5:80'],
    ['mailto:/a', 'mailto:/a'],
  ] as const)
    assert.equal(proxiedUrl(url, PLACE), expected, url);
});

function rewritten(page: string, size = page.length): string {
  const rewriter = new LinkRewriter(PLACE);
  let out = '';
  for (let at = 0; at < page.length; at += size) out += rewriter.push(page.slice(at, at + size));
  return out + rewriter.end();
}

test('LinkRewriter rewrites the attributes that hold URLs and nothing else, however the page is cut', () => {
  const pairs = [
    ['<a href="/x">/x</a>', `<a href="${PREFIX}/x">/x</a>`],
    ["<A class=b HREF='/x' title='/y'>", `<A class=b HREF='${PREFIX}/x' title='/y'>`],
    ['<img src=/i.png alt="a>b"/>', `<img src=${PREFIX}/i.png alt="a>b"/>`],
    ['<form action = "/go" method=post>', `<form action = "${PREFIX}/go" method=post>`],
    ['<input formaction="/f" disabled src="/s">', `<input formaction="${PREFIX}/f" disabled src="${PREFIX}/s">`],
    ['<script src="/s.js">if (a<b) "<a href=\\"/x\\">"</script>', `<script src="${PREFIX}/s.js">if (a<b) "<a href=\\"/x\\">"</script>`],
    ['<!-- <a href="/x"> > -->', '<!-- <a href="/x"> > -->'],
    ['<!DOCTYPE html><p href="/x">1 < 2 </> & <3', '<!DOCTYPE html><p href="/x">1 < 2 </> & <3'],
    ['<a data-href="/x" href="/y">', `<a data-href="/x" href="${PREFIX}/y">`],
    ['<a href="/x', '<a href="/x'],
  ] as const;
  for (const [page, expected] of pairs) assert.equal(rewritten(page), expected);
  const [all, expected] = [0, 1].map((index) => pairs.map((pair) => pair[index]).join('\n')) as [string, string];
  for (const size of [1, 2, 7, all.length]) assert.equal(rewritten(all, size), expected, `${size}`);
});

test('LinkRewriter lets a tag without an end go by', () => {
  const page = `<a title="${'<a '.repeat(100_000)}`;
  assert.equal(rewritten(page, 4096), page);
});
