// The objects by which pods find the API.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { kubernetesService } from '../../../../src/server/http/kubernetes-service.ts';

const OPTIONS = { serviceCidrs: ['10.43.0.0/16'], port: 6443 };

test('kubernetesService leads to the advertised address', () => {
  const { service, endpoints, slice } = kubernetesService({ ...OPTIONS, advertiseAddress: '198.51.100.1' });
  assert.equal(service.spec?.clusterIP, '10.43.0.1');
  assert.deepEqual(endpoints.subsets?.[0]?.addresses, [{ ip: '198.51.100.1' }]);
  assert.deepEqual(slice.endpoints?.[0]?.addresses, ['198.51.100.1']);
});

for (const advertiseAddress of ['127.0.0.1', '::1'])
  test(`kubernetesService of a server on ${advertiseAddress} has no endpoints, and is valid`, () => {
    const { endpoints, slice } = kubernetesService({ ...OPTIONS, advertiseAddress });
    assert.deepEqual(endpoints.subsets, []);
    assert.deepEqual(slice.endpoints, []);
    assert.deepEqual(validateCreate({ group: '', version: 'v1', kind: 'Endpoints' }, endpoints), []);
    assert.deepEqual(validateCreate({ group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' }, slice), []);
  });
