import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Answer, decode, encode } from 'dns-packet';
import { DnsCache } from '../../../../src/agent/dns/cache.ts';
import { readQuery, writeReply } from '../../../../src/agent/dns/codec.ts';
import { type DnsQuery, type DnsReply, rcodeReply } from '../../../../src/agent/dns/message.ts';
import { parseResolvConf, Upstreams } from '../../../../src/agent/dns/upstreams.ts';
import { aged, messageLayout } from '../../../../src/agent/dns/wire.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const request = (name: string, edns = 0): Buffer =>
  encode({
    type: 'query',
    id: 7,
    flags: 256,
    questions: [{ name, type: 'A' }],
    additionals: edns
      ? [{ type: 'OPT', name: '.', udpPayloadSize: edns, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }]
      : [],
  });
const query = (name: string, edns = 0, transport: 'udp' | 'tcp' = 'udp'): DnsQuery => {
  const received = readQuery(request(name, edns), transport);
  assert.ok(received && 'query' in received);
  return received.query;
};
const message = (name: string, answers: Answer[], more: object = {}): DnsReply => ({
  kind: 'message',
  bytes: encode({ type: 'response', id: 99, questions: [{ name, type: 'A' }], answers, ...more }),
});
const a = (ttl: number): Answer => ({ type: 'A', name: 'x.example', ttl, data: '192.0.2.1' });
const soa: Answer = {
  type: 'SOA',
  name: 'example',
  ttl: 600,
  data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 20 },
};

suite('DnsCache', () => {
  const run = async (reply: DnsReply, seconds: number): Promise<{ asked: number; ttl: number | undefined }> => {
    const clock = new FakeClock();
    const cache = new DnsCache({ clock });
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return reply;
    };
    await cache.answer(query('x.example'), ask);
    await clock.advance(seconds * 1000);
    const second = await cache.answer(query('X.Example'), ask);
    const [first] = second.kind === 'message' ? (decode(Buffer.from(second.bytes)).answers ?? []) : [];
    return { asked, ttl: first && 'ttl' in first ? first.ttl : undefined };
  };
  const cases: [string, DnsReply, number, { asked: number; ttl: number | undefined }][] = [
    ['answers again with the TTL less by the age', message('x.example', [a(20)]), 5, { asked: 1, ttl: 15 }],
    ['forgets when the TTL is over', message('x.example', [a(20)]), 20, { asked: 2, ttl: 20 }],
    ['keeps nothing longer than 30 s', message('x.example', [a(3600)]), 31, { asked: 2, ttl: 3600 }],
    ['keeps nothing with TTL 0', message('x.example', [a(0)]), 0, { asked: 2, ttl: 0 }],
    [
      'keeps a negative answer as the SOA says',
      message('x.example', [], { flags: 3, authorities: [soa] }),
      19,
      { asked: 1, ttl: undefined },
    ],
    ['forgets a negative answer after that', message('x.example', [], { flags: 3, authorities: [soa] }), 21, { asked: 2, ttl: undefined }],
    ['does not keep a negative answer without SOA', message('x.example', [], { flags: 3 }), 0, { asked: 2, ttl: undefined }],
    ['does not keep failures', message('x.example', [a(20)], { flags: 2 }), 0, { asked: 2, ttl: 20 }],
    ['does not keep truncated answers', message('x.example', [a(20)], { flags: 0x200 }), 0, { asked: 2, ttl: 20 }],
    ['does not keep what was made here', rcodeReply('SERVFAIL'), 0, { asked: 2, ttl: undefined }],
  ];
  for (const [title, reply, seconds, expected] of cases) test(title, async () => assert.deepEqual(await run(reply, seconds), expected));

  test('asks once for equal questions at a time', async () => {
    const cache = new DnsCache({ clock: new FakeClock() });
    let asked = 0;
    const ask = async () => {
      asked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return message('x.example', [a(0)]);
    };
    await Promise.all([
      cache.answer(query('x.example'), ask),
      cache.answer(query('x.example'), ask),
      cache.answer(query('y.example'), ask),
    ]);
    assert.equal(asked, 2);
  });
});

suite('codec', () => {
  const records = (count: number): DnsReply => ({
    ...rcodeReply('NOERROR'),
    answers: Array.from({ length: count }, (_, i) => ({ type: 'A', name: 'many.example', ttl: 5, data: `10.0.${i >> 8}.${i & 255}` })),
  });
  const sizes: [string, DnsQuery, number, (bytes: Uint8Array) => void][] = [
    ['fits 512 bytes without EDNS0', query('many.example'), 100, (b) => assert.ok(b.length <= 512 && b.length > 400)],
    ['fits 1232 bytes with EDNS0', query('many.example', 4096), 100, (b) => assert.ok(b.length <= 1232 && b.length > 1100)],
    ['keeps all by TCP', query('many.example', 0, 'tcp'), 100, (b) => assert.equal(decode(Buffer.from(b)).answers?.length, 100)],
  ];
  for (const [title, q, count, check] of sizes) {
    test(`writeReply ${title}`, () => {
      const bytes = writeReply(q, records(count));
      check(bytes);
      assert.equal(messageLayout(bytes).truncated, q.transport === 'udp');
    });
  }
  test('writeReply truncates what is handed on to its question', () => {
    const whole: DnsReply = { kind: 'message', bytes: writeReply(query('many.example', 0, 'tcp'), records(100)) };
    const cut = decode(Buffer.from(writeReply(query('many.example'), whole)));
    assert.deepEqual([cut.flag_tc, cut.answers?.length, cut.questions?.length, cut.id], [true, 0, 1, 7]);
  });
  test('writeReply repeats the letter case of the question', () => {
    const answer = decode(Buffer.from(writeReply(query('MiXed.Example'), records(1))));
    assert.equal(answer.questions?.[0]?.name, 'MiXed.Example');
  });

  const odd: [string, Buffer, number | undefined][] = [
    ['too short for a header', Buffer.alloc(11), undefined],
    ['an answer', encode({ type: 'response', id: 1, questions: [{ name: 'a', type: 'A' }] }), undefined],
    ['no question', encode({ type: 'query', id: 1 }), 1],
    [
      'two questions',
      encode({
        type: 'query',
        id: 1,
        questions: [
          { name: 'a', type: 'A' },
          { name: 'b', type: 'A' },
        ],
      }),
      1,
    ],
    ['a question that is cut short', request('example.com').subarray(0, 20), 1],
    ['another operation', Buffer.from([0, 1, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 4],
    ['another class', encode({ type: 'query', id: 1, questions: [{ name: 'a', type: 'TXT', class: 'CH' }] }), 5],
  ];
  for (const [title, bytes, rcode] of odd) {
    test(`readQuery ${rcode === undefined ? 'ignores' : `refuses with code ${rcode}`} ${title}`, () => {
      const received = readQuery(bytes, 'udp');
      assert.equal(received && 'refusal' in received ? (received.refusal[3] ?? 0) & 15 : received, rcode);
    });
  }

  test('messageLayout refuses messages cut at any point, and never reads beyond', () => {
    const { bytes } = message('x.example', [a(5)], { authorities: [soa] }) as { bytes: Uint8Array };
    for (let length = 0; length < bytes.length; length += 1) assert.throws(() => messageLayout(bytes.subarray(0, length)), RangeError);
    assert.deepEqual(aged(bytes, messageLayout(bytes).ttlOffsets, 0), Buffer.from(bytes));
  });
});

suite('upstreams', () => {
  test('parseResolvConf takes name servers but not ourselves', () => {
    const text =
      '# c\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \nnameserver 10.43.0.10\nnameserver bogus\nnameserver 192.0.2.1\nsearch x\n';
    assert.deepEqual(parseResolvConf(text, new Set(['10.43.0.10'])), ['192.0.2.1', '2001:db8::1']);
  });
  test('Upstreams puts a server that failed last, for a while', async () => {
    const clock = new FakeClock();
    const upstreams = new Upstreams({ clock });
    upstreams.failed('a');
    assert.deepEqual(upstreams.order(['a', 'b']), ['b', 'a']);
    await clock.advance(10_000);
    assert.deepEqual(upstreams.order(['a', 'b']), ['a', 'b']);
    upstreams.failed('a');
    upstreams.answered('a');
    assert.deepEqual(upstreams.order(['a', 'b']), ['a', 'b']);
  });
});
