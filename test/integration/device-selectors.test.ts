// Expressions that select devices, compiled by a real API server when classes, claims and their templates are written.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiPeer } from '../support/api-peer.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

const GROUP = '/apis/resource.k8s.io/v1';
const CLASSES = `${GROUP}/deviceclasses`;
const CLAIMS = `${GROUP}/namespaces/default/resourceclaims`;
const TEMPLATES = `${GROUP}/namespaces/default/resourceclaimtemplates`;

const deviceClass = (name: string, ...expressions: string[]): object => ({
  metadata: { name },
  spec: { selectors: expressions.map((expression) => ({ cel: { expression } })) },
});
const claimSpec = (expression: string): object => ({
  devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'c', selectors: [{ cel: { expression } }] } }] },
});

interface Cause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

describe('API server: device selectors', () => {
  let server: TestServer;
  let peer: ApiPeer;
  before(async () => {
    server = await startTestServer();
    peer = new ApiPeer(server);
  });
  after(async () => {
    peer.close();
    await server.stop();
  });

  const causes = async (path: string, body: object): Promise<readonly Cause[]> => {
    const answer = await peer.ask(path, { body });
    assert.equal(answer.code, 422, `${answer.bytes}`);
    return (answer.json['details'] as { readonly causes: readonly Cause[] }).causes;
  };

  it('takes classes, claims and templates whose expressions compile', async () => {
    const good = 'device.driver == "gpu.example" && device.attributes["gpu.example"].memory > 10';
    assert.equal((await peer.ask(CLASSES, { body: deviceClass('good', good, 'device.allowMultipleAllocations') })).code, 201);
    assert.equal((await peer.ask(CLAIMS, { body: { metadata: { name: 'good' }, spec: claimSpec(good) } })).code, 201);
    assert.equal((await peer.ask(TEMPLATES, { body: { metadata: { name: 'good' }, spec: { spec: claimSpec(good) } } })).code, 201);
  });

  it('refuses what does not compile, with the field and all faults of the expression', async () => {
    assert.deepEqual(await causes(CLASSES, deviceClass('bad', 'true', 'device.x || nope', '1')), [
      {
        field: 'spec.selectors[1].cel.expression',
        reason: 'FieldValueInvalid',
        message:
          'Invalid value: "device.x || nope": compilation failed: ERROR: <input>:1:7: undefined field \'x\'\n | device.x || nope\n | ......^\n' +
          "ERROR: <input>:1:13: undeclared reference to 'nope' (in container '')\n | device.x || nope\n | ............^",
      },
      {
        field: 'spec.selectors[2].cel.expression',
        reason: 'FieldValueInvalid',
        message: 'Invalid value: "1": must evaluate to bool or the unknown type, not int',
      },
    ]);
    const [claim] = await causes(CLAIMS, { metadata: { name: 'bad' }, spec: claimSpec('?!') });
    assert.equal(claim?.field, 'spec.devices.requests[0].exactly.selectors[0].cel.expression');
    const [template] = await causes(TEMPLATES, { metadata: { name: 'bad' }, spec: { spec: claimSpec('?!') } });
    assert.equal(template?.field, 'spec.spec.devices.requests[0].exactly.selectors[0].cel.expression');
  });

  it('refuses what could cost too much', async () => {
    const loops = 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(e, a == e))))';
    assert.deepEqual(await causes(CLASSES, deviceClass('costly', loops)), [
      { field: 'spec.selectors[0].cel.expression', reason: 'FieldValueForbidden', message: 'Forbidden: too complex, exceeds cost limit' },
    ]);
  });

  it('refuses an update that brings a bad expression', async () => {
    assert.equal((await peer.ask(CLASSES, { body: deviceClass('changed', 'true') })).code, 201);
    const answer = await peer.ask(`${CLASSES}/changed`, { method: 'PUT', body: deviceClass('changed', 'true', 'device.') });
    assert.equal(answer.code, 422);
    assert.match(answer.json.message ?? '', /spec\.selectors\[1\]\.cel\.expression: Invalid value: "device\.": compilation failed/);
  });
});
