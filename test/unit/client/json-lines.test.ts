import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../src/api/status-error.ts';
import { lines } from '../../../src/client/json-lines.ts';

async function* chunks(...texts: (string | Buffer)[]): AsyncIterable<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function all(source: AsyncIterable<string>): Promise<string[]> {
  const out: string[] = [];
  for await (const line of source) out.push(line);
  return out;
}

describe('lines', () => {
  const umlaut = Buffer.from('ä\n');
  const cases: [string, (string | Buffer)[], string[]][] = [
    ['nothing', [], []],
    ['several lines of one chunk', ['a\nb\n'], ['a', 'b']],
    ['a line of several chunks', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
    ['a last line without its end', ['a\nb'], ['a', 'b']],
    ['empty lines', ['\n\na\n', '\n'], ['a']],
    ['a character cut in two', [umlaut.subarray(0, 1), umlaut.subarray(1)], ['ä']],
  ];
  for (const [title, input, want] of cases) {
    it(`splits ${title}`, async () => {
      assert.deepEqual(await all(lines(chunks(...input))), want);
    });
  }

  it('refuses a line beyond its bound', async () => {
    assert.deepEqual(await all(lines(chunks('1234\n', '12', '34\n'), 4)), ['1234', '1234']);
    await assert.rejects(all(lines(chunks('123', '45'), 4)), StatusError);
  });
});
