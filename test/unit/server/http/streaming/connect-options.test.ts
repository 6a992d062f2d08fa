import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectOptions, setConnectOptions } from '../../../../../src/server/http/streaming/connect-options.ts';

const EXEC = { group: '', version: 'v1', kind: 'PodExecOptions' };

test('connectOptions reads a query by the fields of the kind', () => {
  const query = new URLSearchParams('command=sh&command=-c&stdin=true&tty=0&container=main&other=1');
  assert.deepEqual(connectOptions(EXEC, query, ''), {
    kind: 'PodExecOptions',
    apiVersion: 'v1',
    stdin: true,
    tty: false,
    container: 'main',
    command: ['sh', '-c'],
  });
  assert.deepEqual(
    connectOptions({ ...EXEC, kind: 'PodPortForwardOptions' }, new URLSearchParams('ports=80&ports=443'), '').kind,
    'PodPortForwardOptions',
  );
  assert.deepEqual(connectOptions({ ...EXEC, kind: 'ServiceProxyOptions' }, query, '/a/b'), {
    kind: 'ServiceProxyOptions',
    apiVersion: 'v1',
    path: '/a/b',
  });
});

test('setConnectOptions makes the query say what the options say, and leaves the rest', () => {
  const query = new URLSearchParams('command=sh&stdin=true&container=main&other=1');
  setConnectOptions(query, EXEC, { kind: 'PodExecOptions', container: 'side', command: ['ls', '-l'], tty: false });
  assert.equal(query.toString(), 'other=1&tty=false&container=side&command=ls&command=-l');
});
