import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { answerCni } from '../../../../src/agent/network/cni-server.ts';
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from '../../../../src/agent/network/cni-wire.ts';
import { cniCodeOf } from '../../../../src/cni/errors.ts';

suite('cni-wire', () => {
  test('carries variables, even empty ones, and input', () => {
    const env = { CNI_COMMAND: 'ADD', CNI_ARGS: '', CNI_NETNS: '/run/a=b', PATH: '/bin' };
    assert.deepEqual(decodeRequest(encodeRequest(env, '{"a":"\\u0000"}')), {
      env: { CNI_COMMAND: 'ADD', CNI_ARGS: '', CNI_NETNS: '/run/a=b' },
      stdin: '{"a":"\\u0000"}',
    });
    assert.deepEqual(decodeRequest(encodeRequest({}, '')), { env: {}, stdin: '' });
  });
  for (const bytes of ['', 'CNI_COMMAND=ADD', 'CNI_COMMAND=ADD\0']) {
    test(`decodeRequest refuses ${JSON.stringify(bytes)}`, () => {
      assert.throws(
        () => decodeRequest(Buffer.from(bytes)),
        (error) => cniCodeOf(error) === 5,
      );
    });
  }
  test('carries exit code and output', () => {
    const reply = { exitCode: 1, stdout: '{\n}' };
    assert.deepEqual(decodeReply(encodeReply(reply)), reply);
  });
  for (const text of ['', '0', '\n', 'x\n']) {
    test(`decodeReply asks to try again for ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => decodeReply(text),
        (error) => cniCodeOf(error) === 11,
      );
    });
  }
});

suite('answerCni', () => {
  test('answers VERSION without a plugin', async () => {
    const reply = await answerCni({ env: { CNI_COMMAND: 'VERSION' }, stdin: '' }, undefined);
    assert.equal(reply.exitCode, 0);
    assert.ok(JSON.parse(reply.stdout).supportedVersions.includes('1.0.0'));
  });
  test('turns a malformed request into a CNI error', async () => {
    const reply = await answerCni({ env: {}, stdin: '' }, undefined);
    assert.deepEqual([reply.exitCode, JSON.parse(reply.stdout).code], [1, 4]);
  });
});
