// install.sh and kts uninstall as a person runs them, on this machine's own paths, in a network namespace of the test: the demo answers,
// a second run changes nothing, and afterwards nothing is left.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KTS } from './support/kts-node.ts';
import { enter, Lan } from './support/lan.ts';
import { eventually, type Output, run } from './support/shell.ts';

const INSTALL = resolve(import.meta.dirname, '../../install.sh');
/** A token with what shells and systemd read specially. */
const TOKEN = 'se#cret$HOME"`\\x\'y';
/** Everything that an installation may make. */
const PLACES = [
  '/var/lib/kts',
  '/etc/kts',
  '/run/kts',
  '/var/lib/kubelet',
  '/var/log/pods',
  '/var/log/containers',
  '/var/log/kts.log',
  '/usr/local/bin/kts',
  '/usr/local/bin/kts-uninstall.sh',
  '/etc/systemd/system/kts.service',
  '/etc/init.d/kts',
];

describe('install.sh', () => {
  let lan: Lan;
  let placesBefore: string[] = [];

  const inside = (args: readonly string[], timeoutMs = 240_000): Promise<Output> => {
    const [program = '', ...words] = [...enter(lan.machines[0]?.netns ?? ''), ...args];
    // The machine's own init system is not used: the test must not depend on it.
    return run(program, words, { timeoutMs, env: { INSTALL_KTS_BIN: KTS, INSTALL_KTS_INIT: 'none', INSTALL_KTS_SKIP_PACKAGES: 'true' } });
  };

  before(async () => {
    placesBefore = PLACES.filter((path) => existsSync(path));
    assert.deepEqual(
      placesBefore.filter((path) => path.includes('kts')),
      [],
      'kts is installed on this machine: the test would remove it',
    );
    lan = await Lan.create('kts-inst', 1);
  });

  after(async () => {
    if (existsSync('/usr/local/bin/kts')) await inside(['/usr/local/bin/kts', 'uninstall']);
    await lan.remove();
  });

  test('--demo installs, starts, and prints the address of a page that answers', async () => {
    const { code, stdout, stderr } = await inside([INSTALL, '--demo']);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(
      stdout,
      /\[1\] packages[\s\S]*\[\d\] executable[\s\S]*\[\d\] service[\s\S]*\[\d\] waiting[\s\S]*ready after[\s\S]*it answers: http/,
    );
    const url = /it answers: (\S+)/.exec(stdout)?.[1] ?? '';
    const [program = '', ...words] = [...lan.client, 'curl', '-sf', '-m', '5', url];
    assert.match((await run(program, words)).stdout, /^Hello from kts!/);
    assert.match(readFileSync('/etc/kts/kts.yaml', 'utf8'), /^apiVersion: v1\nkind: Config/);
    const nodes = await inside(['kubectl', '--kubeconfig', '/etc/kts/kts.yaml', 'get', 'nodes']);
    assert.match(nodes.stdout, /\sReady\s+control-plane/);
  });

  test('run again with a token it restarts kts, and keeps the token out of the list of processes, in a file that only root can read', async () => {
    const { code, stderr } = await inside([INSTALL, '--token', TOKEN]);
    assert.equal(code, 0, stderr);
    const [pid = ''] = readFileSync('/run/kts/kts.pid', 'utf8').split(' ');
    assert.equal(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '/usr/local/bin/kts\0server\0');
    assert.ok(readFileSync('/var/lib/kts/server/token', 'utf8').endsWith(`:${TOKEN}\n`));
    assert.equal(statSync('/etc/kts/kts.env').mode & 0o777, 0o600);
    assert.ok(!readFileSync('/etc/kts/kts-supervise.sh', 'utf8').includes('cret'));
  });

  test('run again it leaves everything as it is', async () => {
    const pid = readFileSync('/run/kts/kts.pid', 'utf8');
    const { code, stdout, stderr } = await inside([INSTALL, '--demo', `--token=${TOKEN}`]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /nothing changed and kts runs: left alone/);
    assert.equal(readFileSync('/run/kts/kts.pid', 'utf8'), pid);
  });

  test('a flag that kts does not know is told, long before the time for getting ready is over', async () => {
    const { code, stderr } = await inside([INSTALL, `--token=${TOKEN}`, '--no-such-flag=1'], 60_000);
    assert.equal(code, 1);
    assert.match(stderr, /kts: unknown flag --no-such-flag[\s\S]*install\.sh: kts does not stay up/);
    assert.equal((await inside([INSTALL, `--token=${TOKEN}`])).code, 0);
  });

  test('kts that dies is started again', async () => {
    const [pid = ''] = readFileSync('/run/kts/kts.pid', 'utf8').split(' ');
    process.kill(Number(pid), 'SIGKILL');
    await eventually('another process is ready', async () => {
      const text = existsSync('/run/kts/kts.pid') ? readFileSync('/run/kts/kts.pid', 'utf8') : '';
      return existsSync('/run/kts/kts.ready') && text !== '' && !text.startsWith(`${pid} `);
    });
  });

  test('kts-uninstall.sh removes every trace', async () => {
    const { code, stdout, stderr } = await inside(['/usr/local/bin/kts-uninstall.sh']);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /nothing of it is left\n$/);
    assert.deepEqual(
      PLACES.filter((path) => existsSync(path) && !placesBefore.includes(path)),
      [],
    );
    const links = await inside(['ip', '-br', 'link']);
    assert.doesNotMatch(links.stdout, /kts/);
    assert.equal((await inside(['nft', 'list', 'ruleset'])).stdout.trim(), '');
    assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /\/run\/kts|\/var\/lib\/kubelet|\/var\/lib\/kts/);
    assert.deepEqual((await run('sh', ['-c', 'ls -d /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods 2>/dev/null'])).stdout, '');
  });
});
