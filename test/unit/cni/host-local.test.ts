import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { silentLogger } from '../../../src/base/log.ts';
import { AttachmentJournal } from '../../../src/cni/attachment-journal.ts';
import { type Attachment, hostLinkName } from '../../../src/cni/bridge-plan.ts';
import { formatCidr, formatIpv4, isIpv4, macOf, parseCidr, parseIpv4 } from '../../../src/cni/cidr.ts';
import { nextAddress } from '../../../src/cni/host-local.ts';

suite('cidr', () => {
  test('parses, masks and formats', () => {
    assert.equal(formatCidr(parseCidr('10.42.1.77/24')), '10.42.1.0/24');
    assert.equal(formatCidr(parseCidr('255.255.255.255/32')), '255.255.255.255/32');
    assert.equal(formatIpv4(parseIpv4('203.0.113.9')), '203.0.113.9');
    assert.equal(macOf('10.42.1.255'), '0a:58:0a:2a:01:ff');
  });
  for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', 'a.b.c.d', '::1']) {
    test(`isIpv4 refuses "${text}"`, () => assert.equal(isIpv4(text), false));
  }
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8']) {
    test(`parseCidr refuses "${text}"`, () => assert.throws(() => parseCidr(text), RangeError));
  }
});

suite('nextAddress', () => {
  const range = parseCidr('10.42.1.0/29'); // .2 to .6 can be given
  const cases: [string, string[], string | undefined, string | undefined][] = [
    ['starts after the gateway', [], undefined, '10.42.1.2'],
    ['goes on after the last one given', [], '10.42.1.3', '10.42.1.4'],
    ['skips what is taken', ['10.42.1.4', '10.42.1.5'], '10.42.1.3', '10.42.1.6'],
    ['wraps before the broadcast address', [], '10.42.1.6', '10.42.1.2'],
    ['begins anew when the last is of another range', [], '10.99.0.9', '10.42.1.2'],
    ['has none when all are taken', ['2', '3', '4', '5', '6'].map((n) => `10.42.1.${n}`), '10.42.1.3', undefined],
  ];
  for (const [title, taken, last, expected] of cases) {
    test(title, () => assert.equal(nextAddress(range, new Set(taken), last), expected));
  }
});

suite('AttachmentJournal', () => {
  const attachment = (n: number): Attachment => ({
    containerId: `c${n}`,
    ifName: 'eth0',
    netns: '/run/netns/x',
    hostLink: hostLinkName({ containerId: `c${n}`, ifName: 'eth0' }),
    mac: macOf(`10.42.1.${n}`),
    address: `10.42.1.${n}`,
    bits: 24,
    gateway: '10.42.1.1',
    portMappings: [],
  });

  test('keeps attachments over a restart and drops files that are not whole', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kts-journal-'));
    try {
      const before = new AttachmentJournal({ dir }, { log: silentLogger });
      await before.load();
      await before.put(attachment(5));
      await before.put(attachment(6));
      await before.remove({ containerId: 'c5', ifName: 'eth0' });
      await writeFile(join(dir, '10.42.1.9'), '{"containerId":"c9","addr');
      await writeFile(join(dir, '10.42.1.8.tmp'), '');

      const after = new AttachmentJournal({ dir }, { log: silentLogger });
      await after.load();
      assert.deepEqual(after.all(), [attachment(6)]);
      assert.equal(after.taken.has('10.42.1.6'), true);
      assert.equal(after.taken.has('10.42.1.5'), false);
      assert.deepEqual(await readdir(dir), ['10.42.1.6']);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

suite('hostLinkName', () => {
  test('fits Linux and differs by container and interface', () => {
    const names = [
      ['a', 'eth0'],
      ['a', 'eth1'],
      ['b', 'eth0'],
    ].map(([containerId = '', ifName = '']) => hostLinkName({ containerId, ifName }));
    assert.equal(new Set(names).size, 3);
    for (const name of names) assert.match(name, /^kts[0-9a-f]{12}$/);
  });
});
