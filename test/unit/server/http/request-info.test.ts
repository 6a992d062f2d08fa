import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLongRunning, parseRequestInfo } from '../../../../src/server/http/request-info.ts';

const CASES: [method: string, url: string, expected: string][] = [
  ['GET', '/api/v1/pods', 'list /v1 ns= pods/ name= rest='],
  ['GET', '/api/v1/namespaces/default/pods', 'list /v1 ns=default pods/ name= rest='],
  ['GET', '/api/v1/namespaces/default/pods/web', 'get /v1 ns=default pods/ name=web rest='],
  ['HEAD', '/api/v1/namespaces/default/pods/web', 'get /v1 ns=default pods/ name=web rest='],
  ['GET', '/api/v1/namespaces/default/pods/web/log', 'get /v1 ns=default pods/log name=web rest='],
  ['POST', '/api/v1/namespaces/default/pods', 'create /v1 ns=default pods/ name= rest='],
  ['PUT', '/apis/apps/v1/namespaces/a/deployments/web/scale', 'update apps/v1 ns=a deployments/scale name=web rest='],
  ['PATCH', '/apis/apps/v1/namespaces/a/deployments/web', 'patch apps/v1 ns=a deployments/ name=web rest='],
  ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection /v1 ns=a pods/ name= rest='],
  ['DELETE', '/api/v1/namespaces/a/pods/x', 'delete /v1 ns=a pods/ name=x rest='],
  ['GET', '/api/v1/namespaces', 'list /v1 ns= namespaces/ name= rest='],
  ['GET', '/api/v1/namespaces/a', 'get /v1 ns=a namespaces/ name=a rest='],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update /v1 ns=a namespaces/finalize name=a rest='],
  ['GET', '/api/v1/pods?watch=true', 'watch /v1 ns= pods/ name= rest='],
  ['GET', '/api/v1/pods?watch=0', 'list /v1 ns= pods/ name= rest='],
  ['GET', '/api/v1/watch/namespaces/a/pods', 'watch /v1 ns=a pods/ name= rest='],
  ['GET', '/api/v1/watch/namespaces/a/pods/x', 'watch /v1 ns=a pods/ name=x rest='],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx', 'list /v1 ns= pods/ name=x rest='],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Dx', 'list /v1 ns= pods/ name= rest='],
  ['GET', '/api/v1/namespaces/a/services/web:80/proxy/a/b/', 'get /v1 ns=a services/proxy name=web:80 rest=/a/b/'],
  ['GET', '/api/v1/nodes/n1/proxy/', 'get /v1 ns= nodes/proxy name=n1 rest=/'],
  ['GET', '/api/v1/nodes/n1/proxy', 'get /v1 ns= nodes/proxy name=n1 rest='],
  ['GET', '/apis/example.com/v1/widgets/a%2Fb', 'get example.com/v1 ns= widgets/ name=a/b rest='],
  ['GET', '/apis/x/v1/namespaces/a/things/%zz', 'get x/v1 ns=a things/ name=%zz rest='],
  ['GET', '/healthz', 'path get /healthz'],
  ['GET', '/api', 'path get /api'],
  ['GET', '/apis/apps/v1', 'path get /apis/apps/v1'],
  ['POST', '/', 'path post /'],
];

for (const [method, url, expected] of CASES) {
  test(`parseRequestInfo reads ${method} ${url}`, () => {
    const [path = '', query = ''] = url.split('?');
    const info = parseRequestInfo(method, path, new URLSearchParams(query));
    const text = info.isResource
      ? `${info.verb} ${info.group}/${info.version} ns=${info.namespace} ${info.resource}/${info.subresource} name=${info.name} rest=${info.rest}`
      : `path ${info.verb} ${info.path}`;
    assert.equal(text, expected);
  });
}

test('isLongRunning holds for watches and streams only', () => {
  const long = (method: string, path: string, query = ''): boolean =>
    isLongRunning(parseRequestInfo(method, path, new URLSearchParams(query)));
  assert.ok(long('GET', '/api/v1/pods', 'watch=1'));
  assert.ok(long('POST', '/api/v1/namespaces/a/pods/x/exec'));
  assert.ok(long('GET', '/api/v1/namespaces/a/pods/x/log'));
  assert.ok(!long('GET', '/api/v1/pods'));
  assert.ok(!long('POST', '/api/v1/namespaces/a/pods/x/binding'));
});
