import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readClusterConfig, readJoinReply } from '../../../src/client/cluster-config.ts';

const CONFIG = {
  clusterCidrs: ['10.42.0.0/16'],
  serviceCidrs: ['10.43.0.0/16'],
  clusterDns: '10.43.0.10',
  clusterDomain: 'cluster.local',
  backend: 'auto',
  clientCa: 'PEM',
};

suite('readClusterConfig', () => {
  test('reads what the server sends', () => assert.deepEqual(readClusterConfig({ ...CONFIG, more: 1 }), CONFIG));
  const bad: [string, unknown][] = [
    ['nothing', null],
    ['a text', 'x'],
    ['a list that is none', { ...CONFIG, clusterCidrs: '10.42.0.0/16' }],
    ['an unknown backend', { ...CONFIG, backend: 'ipip' }],
    ['no domain', { ...CONFIG, clusterDomain: '' }],
  ];
  for (const [title, value] of bad) test(`knows no configuration in ${title}`, () => assert.equal(readClusterConfig(value), undefined));
});

suite('readJoinReply', () => {
  test('reads token and configuration', () =>
    assert.deepEqual(readJoinReply({ bootstrapToken: 't', config: CONFIG }), { bootstrapToken: 't', config: CONFIG }));
  for (const value of [null, 'x', {}, { bootstrapToken: '', config: CONFIG }, { bootstrapToken: 't' }])
    test(`knows no reply in ${JSON.stringify(value).slice(0, 30)}`, () => assert.equal(readJoinReply(value), undefined));
});
