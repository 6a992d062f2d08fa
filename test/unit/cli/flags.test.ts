// Flags from the command line, the environment and files, and the one line a user gets for each mistake.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KtsError } from '../../../src/base/errors.ts';
import type { FlagCommand } from '../../../src/cli/flags.ts';
import { commandHelp, generalHelp } from '../../../src/cli/help.ts';
import { agentOptions, serverOptions } from '../../../src/cli/options.ts';
import { type FlagValues, parseArguments, parseConfig, parseEnvironment, resolveFlags } from '../../../src/cli/parse-flags.ts';

const NONE: FlagValues = new Map();
const resolve = (command: FlagCommand, args: string[], config: unknown = {}, env: Record<string, string> = {}): FlagValues =>
  resolveFlags(command, {
    args: parseArguments(command, args).values,
    env: parseEnvironment(command, env),
    config: parseConfig(command, [{ file: 'c.yaml', content: config }]),
  });

function usageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof KtsError && error.code === 'usage', String(error));
    return error.message;
  }
  assert.fail('nothing was thrown');
}

describe('parseArguments', () => {
  const cases: [string[], string, unknown][] = [
    [['--data-dir', '/x'], 'data-dir', '/x'],
    [['--data-dir=/x'], 'data-dir', '/x'],
    [['-d', '/x'], 'data-dir', '/x'],
    [['--debug'], 'debug', true],
    [['--debug=false'], 'debug', false],
    [['--https-listen-port', '7443'], 'https-listen-port', 7443],
    [['--tls-san', 'a,b', '--tls-san', 'c'], 'tls-san', ['a', 'b', 'c']],
  ];
  for (const [args, name, value] of cases)
    test(`reads ${args.join(' ')}`, () => assert.deepEqual(parseArguments('server', args).values.get(name), value));

  const faults: [string[], string][] = [
    [['--datadir', '/x'], 'unknown flag --datadir (did you mean --data-dir?); see kts help server'],
    [['--frobnicate'], 'unknown flag --frobnicate; see kts help server'],
    [['--data-dir'], 'flag --data-dir needs a value'],
    [['--https-listen-port', 'x'], '--https-listen-port: "x" is not a whole number'],
    [['--debug=maybe'], '--debug: "maybe" is not true or false'],
  ];
  for (const [args, message] of faults)
    test(`refuses ${args.join(' ')}`, () =>
      assert.equal(
        usageOf(() => parseArguments('server', args)),
        message,
      ));

  test('takes --server as another name of --join', () =>
    assert.equal(parseArguments('agent', ['--server', 'https://a:1']).values.get('join'), 'https://a:1'));
});

describe('resolveFlags', () => {
  test('prefers the command line to the environment to the file to the default', () => {
    const file = { 'data-dir': '/file' };
    const env = { KTS_DATA_DIR: '/env' };
    assert.equal(resolve('server', ['-d', '/arg'], file, env).get('data-dir'), '/arg');
    assert.equal(resolve('server', [], file, env).get('data-dir'), '/env');
    assert.equal(resolve('server', [], file).get('data-dir'), '/file');
    assert.equal(resolve('server', []).get('data-dir'), '/var/lib/kts');
  });

  test('replaces a list from a later file and appends with key+', () => {
    const parse = (second: object): unknown =>
      parseConfig('server', [
        { file: 'a', content: { 'tls-san': ['a'] } },
        { file: 'b', content: second },
      ]).get('tls-san');
    assert.deepEqual(parse({ 'tls-san': 'b' }), ['b']);
    assert.deepEqual(parse({ 'tls-san+': ['b'] }), ['a', 'b']);
  });

  test('passes over keys of the other command', () =>
    assert.equal(parseConfig('agent', [{ file: 'c', content: { 'cluster-cidr': '10.0.0.0/8' } }]).size, 0));

  const faults: [unknown, string][] = [
    [['x'], 'c.yaml: expected a mapping of flag names to values'],
    [{ frobnicate: 1 }, 'c.yaml: unknown key frobnicate'],
    [{ 'data-dir': { a: 1 } }, 'c.yaml: data-dir: expected a string'],
    [{ 'https-listen-port': 'x' }, 'c.yaml: https-listen-port: "x" is not a whole number'],
  ];
  for (const [content, message] of faults) {
    test(`refuses a file with ${JSON.stringify(content)}`, () =>
      assert.equal(
        usageOf(() => parseConfig('server', [{ file: 'c.yaml', content }])),
        message,
      ));
  }
});

describe('serverOptions', () => {
  test('gives the defaults a k3s user knows', () => {
    const options = serverOptions(resolve('server', []));
    assert.deepEqual(
      [options.port, options.clusterCidr, options.serviceCidr, options.clusterDns, options.kubeconfig.mode, options.backend],
      [6443, '10.42.0.0/16', '10.43.0.0/16', '10.43.0.10', 0o600, 'vxlan'],
    );
  });

  test('adds up how many requests may run at once', () => {
    assert.equal(serverOptions(resolve('server', [])).maxInFlight, 600);
    const args = ['--max-requests-inflight', '30', '--max-mutating-requests-inflight=0'];
    assert.equal(serverOptions(resolve('server', args)).maxInFlight, 30);
  });

  const faults: [string[], string][] = [
    [['--https-listen-port', '70000'], '--https-listen-port: 70000 is no port (1 to 65535)'],
    [['--cluster-cidr', '10.42.0.0'], '--cluster-cidr: "10.42.0.0" is no IPv4 network such as 10.42.0.0/16'],
    [['--cluster-dns', '10.44.0.10'], '--cluster-dns: 10.44.0.10 is not in --service-cidr 10.43.0.0/16'],
    [['--cluster-cidr', '10.43.128.0/17'], '--cluster-cidr 10.43.128.0/17 and --service-cidr 10.43.0.0/16 overlap'],
    [['--write-kubeconfig-mode', '999'], '--write-kubeconfig-mode: "999" is no octal mode such as 600'],
    [['--flannel-backend', 'ipsec'], '--flannel-backend: "ipsec" is none of vxlan, host-gw, auto'],
    [['--node-name', 'My_Pi'], `--node-name: "My_Pi" is no node name: lower case letters, digits, '-' and '.'`],
    [['--node-label', 'x'], '--node-label: "x" is not key=value'],
    [['--node-taint', 'a=b:Never'], '--node-taint: "a=b:Never" is not key=value:Effect (NoSchedule, PreferNoSchedule, NoExecute)'],
    [['--data-dir', 'x'], '--data-dir: "x" is not an absolute path'],
    [
      ['--max-requests-inflight', '0', '--max-mutating-requests-inflight', '0'],
      '--max-requests-inflight, --max-mutating-requests-inflight: one of them must be more than 0',
    ],
    [['--max-requests-inflight=-1'], '--max-requests-inflight: "-1" is not a whole number'],
    [['--service-node-port-range', '5-1'], '--service-node-port-range: "5-1" is no range such as 30000-32767'],
  ];
  for (const [args, message] of faults)
    test(`refuses ${args.join(' ')}`, () =>
      assert.equal(
        usageOf(() => serverOptions(resolve('server', args))),
        message,
      ));
});

describe('agentOptions', () => {
  test('needs a server and a token', () => {
    assert.equal(
      usageOf(() => agentOptions(resolve('agent', []))),
      '--join https://HOST:6443 is needed (or KTS_URL)',
    );
    assert.equal(
      usageOf(() => agentOptions(resolve('agent', ['--join', 'http://a']))),
      '--join: "http://a" is not https://HOST:PORT',
    );
    assert.equal(
      usageOf(() => agentOptions(resolve('agent', ['--join', 'https://a:6443']))),
      '--token is needed (or --token-file, KTS_TOKEN)',
    );
    assert.equal(agentOptions(resolve('agent', ['--join', 'https://a:6443/', '-t', 'x'])).server, 'https://a:6443');
  });
});

test('help names every flag of the command once, and every command', () => {
  const text = commandHelp('server');
  for (const flag of ['--data-dir', '--tls-san', '--cluster-cidr', '--write-kubeconfig-mode'])
    assert.equal(text.split(`${flag} `).length, 2, flag);
  assert.match(generalHelp('v0'), /server.*\n.*agent/);
  assert.equal(NONE.size, 0);
});
