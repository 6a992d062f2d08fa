import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedFieldSelector, parseFieldSelector, selectableFields } from '../../../src/api/fields.ts';
import { StatusError } from '../../../src/api/status-error.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };

test('parseFieldSelector matches equality and inequality, with escapes', () => {
  const fields = { 'metadata.name': 'a', 'status.phase': 'Running', note: 'x,y=z\\' };
  const table: [string, boolean][] = [
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==a,status.phase!=Failed', true],
    ['metadata.name!=a', false],
    ['spec.nodeName=', true],
    ['spec.nodeName!=n', true],
    ['note=x\\,y\\=z\\\\', true],
  ];
  for (const [selector, expected] of table) assert.equal(parseFieldSelector(selector).matches(fields), expected, selector);
  for (const bad of ['a', 'a=b=c', 'a=b\\x', 'a>b']) assert.throws(() => parseFieldSelector(bad), StatusError, bad);
});

test('selectableFields reads the fields of a resource', () => {
  const pod = { metadata: { name: 'a', namespace: 'n' }, spec: { nodeName: 'x', hostNetwork: true }, status: { phase: 'Running' } };
  assert.deepEqual(selectableFields(PODS, pod), {
    'metadata.name': 'a',
    'metadata.namespace': 'n',
    'spec.nodeName': 'x',
    'spec.restartPolicy': '',
    'spec.schedulerName': '',
    'spec.serviceAccountName': '',
    'spec.hostNetwork': 'true',
    'status.phase': 'Running',
    'status.podIP': '',
    'status.nominatedNodeName': '',
    'status.podIPs': '',
  });
  const nodes = { group: '', version: 'v1', resource: 'nodes' };
  assert.deepEqual(selectableFields(nodes, { metadata: { name: 'n' } }), { 'metadata.name': 'n', 'spec.unschedulable': 'false' });
  const event = { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'a' }, reportingComponent: 'kubelet', type: 'Normal' };
  const fields = selectableFields({ group: '', version: 'v1', resource: 'events' }, event);
  assert.equal(fields['involvedObject.kind'], 'Pod');
  assert.equal(fields['source'], 'kubelet');
  const jobs = { group: 'batch', version: 'v1', resource: 'jobs' };
  assert.equal(selectableFields(jobs, { metadata: {}, status: { succeeded: 2 } })['status.successful'], '2');
});

test('checkedFieldSelector refuses unknown fields with upstream texts and knows old names', () => {
  const check = (resource: typeof PODS, text: string): unknown => checkedFieldSelector(resource, parseFieldSelector(text)).requirements;
  assert.throws(() => check(PODS, 'spec.foo=1'), { message: 'field label not supported: spec.foo' });
  assert.throws(() => check(CONFIG_MAPS, 'data=1'), {
    message: '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
  });
  assert.deepEqual(check(PODS, 'spec.host=n'), [{ field: 'spec.nodeName', operator: '=', value: 'n' }]);
  assert.throws(() => check(PODS, 'constructor=1'), StatusError);
  const of = (group: string, resource: string) => ({ group, version: 'v1', resource });
  assert.throws(() => check(of('batch', 'jobs'), 'spec.x=1'), { message: 'field label "spec.x" not supported for Job' });
  assert.throws(() => check(of('resource.k8s.io', 'resourceslices'), 'metadata.namespace=n'), {
    message: 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: metadata.namespace',
  });
  for (const resource of ['nodes', 'namespaces']) assert.throws(() => check(of('', resource), 'metadata.namespace=n'), { code: 400 });
  assert.throws(() => check(of('apps', 'replicasets'), 'status.replicas=1'), { code: 400 });
  assert.equal(parseFieldSelector('metadata.namespace=n').matches({}), false);
});
