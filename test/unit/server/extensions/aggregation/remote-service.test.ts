import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupVersionOfPath, remoteService } from '../../../../../src/server/extensions/aggregation/remote-service.ts';

const spec = { group: 'example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 };

describe('remoteService', () => {
  it('is undefined for a local APIService', () => {
    assert.equal(remoteService({ metadata: {}, spec }), undefined);
  });

  it('reads where the server is, whom it trusts and whether it is available', () => {
    const service = { namespace: 'ns', name: 'api' };
    const status = { conditions: [{ type: 'Available', status: 'True' }] };
    assert.deepEqual(remoteService({ metadata: {}, spec: { ...spec, service, caBundle: Buffer.from('PEM').toString('base64') }, status }), {
      group: 'example.com',
      version: 'v1',
      service: { namespace: 'ns', name: 'api', port: 443 },
      ca: 'PEM',
      insecure: false,
      available: true,
    });
    const other = remoteService({ metadata: {}, spec: { ...spec, service: { ...service, port: 8443 }, insecureSkipTLSVerify: true } });
    assert.deepEqual([other?.service.port, other?.insecure, other?.available, other?.ca], [8443, true, false, undefined]);
  });
});

describe('groupVersionOfPath', () => {
  for (const [path, expected] of [
    ['/apis/example.com/v1', { group: 'example.com', version: 'v1' }],
    ['/apis/example.com/v1/', { group: 'example.com', version: 'v1' }],
    ['/apis/example.com/v1/namespaces/a/things/b', { group: 'example.com', version: 'v1' }],
    ['/apis/example.com', undefined],
    ['/api/v1/pods', undefined],
    ['/', undefined],
  ] as const) {
    it(`of ${path} is ${expected ? 'its group and version' : 'undefined'}`, () => assert.deepEqual(groupVersionOfPath(path), expected));
  }
});
