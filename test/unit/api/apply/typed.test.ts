import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTypeOf } from '../../../../src/api/apply/apply-type.ts';
import { configurationFaults } from '../../../../src/api/apply/typed-check.ts';
import { compareValues } from '../../../../src/api/apply/typed-compare.ts';
import { fieldsOf } from '../../../../src/api/apply/typed-fields.ts';
import { mergeValues } from '../../../../src/api/apply/typed-merge.ts';
import { builtinSchema } from '../../../../src/api/schema/schema.ts';

function typeOf(group: string, kind: string): ReturnType<typeof applyTypeOf> {
  const message = builtinSchema().kind(group, 'v1', kind);
  assert.ok(message);
  return applyTypeOf(message);
}

const DEPLOYMENT = typeOf('apps', 'Deployment');
const POD = typeOf('', 'Pod');
const SERVICE = typeOf('', 'Service');
const NOBODYS = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', namespace: 'y', uid: 'z', resourceVersion: '1', managedFields: [] } };

describe('fieldsOf', () => {
  const cases: [string, ReturnType<typeof applyTypeOf>, object, object | undefined][] = [
    ['owns nothing of what names an object', POD, NOBODYS, undefined],
    [
      'owns keys of maps, and not the structs around them',
      POD,
      { metadata: { labels: { a: '1' } } },
      { 'f:metadata': { 'f:labels': { 'f:a': {} } } },
    ],
    ['owns empty maps and nulls', POD, { metadata: { labels: {} }, status: null }, { 'f:metadata': { 'f:labels': {} }, 'f:status': {} }],
    ['owns an atomic struct as one', DEPLOYMENT, { spec: { selector: { matchLabels: { a: '1' } } } }, { 'f:spec': { 'f:selector': {} } }],
    ['owns an atomic map as one', SERVICE, { spec: { selector: { a: '1' } } }, { 'f:spec': { 'f:selector': {} } }],
    [
      'owns an atomic list as one',
      POD,
      { spec: { containers: [{ name: 'a', args: ['x'] }] } },
      { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:args': {}, 'f:name': {} } } } },
    ],
    [
      'owns items of sets',
      POD,
      { metadata: { finalizers: ['b', 'a'] } },
      { 'f:metadata': { 'f:finalizers': { 'v:"a"': {}, 'v:"b"': {} } } },
    ],
    [
      'owns items by several keys',
      SERVICE,
      { spec: { ports: [{ port: 80 }] } },
      { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } } },
    ],
  ];
  for (const [title, type, value, fields] of cases) it(title, () => assert.deepEqual(fieldsOf(value, type), fields));
});

describe('compareValues', () => {
  it('tells what came, changed and went, with all below', () => {
    const old = { spec: { replicas: 1, strategy: {}, template: { spec: { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] } } } };
    const now = {
      spec: {
        replicas: 2,
        strategy: {},
        template: { spec: { containers: [{ name: 'a', image: 'x', env: [{ name: 'E', value: '1' }] }] } },
      },
    };
    const containers = (item: object): object => ({ 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': item } } } });
    const change = compareValues(old, now, DEPLOYMENT);
    assert.deepEqual(change?.modified, { 'f:spec': { 'f:replicas': {} } });
    assert.deepEqual(
      change?.added,
      containers({ 'k:{"name":"a"}': { 'f:env': { '.': {}, 'k:{"name":"E"}': { '.': {}, 'f:name': {}, 'f:value': {} } } } }),
    );
    assert.deepEqual(change?.removed, containers({ 'k:{"name":"b"}': { '.': {}, 'f:name': {} } }));
  });

  it('sees no difference in the order of items with keys, and one in that of atomic lists', () => {
    const containers = [{ name: 'a' }, { name: 'b' }];
    assert.equal(compareValues({ spec: { containers } }, { spec: { containers: [...containers].reverse() } }, POD), undefined);
    const args = (list: string[]): object => ({ spec: { containers: [{ name: 'a', args: list }] } });
    assert.ok(compareValues(args(['x', 'y']), args(['y', 'x']), POD)?.modified);
  });

  it('takes items that are there twice as one', () => {
    const env = (...values: string[]): object => ({
      spec: { containers: [{ name: 'a', env: values.map((value) => ({ name: 'E', value })) }] },
    });
    assert.equal(compareValues(env('1', '2'), env('1', '2'), POD), undefined);
    const item = { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:env': { 'k:{"name":"E"}': {} } } } } };
    assert.deepEqual(compareValues(env('1', '2'), env('1', '3'), POD)?.modified, item);
  });
});

describe('mergeValues', () => {
  const order: [string, string, string][] = [
    ['ab', 'ba', 'ba'],
    ['abc', 'xb', 'axbc'],
    ['abx', 'ba', 'bxa'],
    ['ab', '', 'ab'],
    ['', 'ab', 'ab'],
    ['ab', 'cd', 'abcd'],
    ['abcd', 'db', 'acdb'],
  ];
  for (const [live, config, merged] of order) {
    it(`puts items ${config} into ${live} as ${merged}`, () => {
      const finalizers = (text: string): object => ({ metadata: { finalizers: [...text] } });
      assert.deepEqual(mergeValues(finalizers(live), finalizers(config), POD), finalizers(merged));
    });
  }

  it('keeps what the configuration does not say', () => {
    const live = {
      metadata: { labels: { a: '1', b: '2' } },
      spec: { selector: { x: '1' }, ports: [{ port: 80, protocol: 'TCP', nodePort: 30000 }] },
    };
    const config = { metadata: { labels: { b: '3' } }, spec: { selector: { y: '1' }, ports: [{ port: 80, name: 'web' }] } };
    assert.deepEqual(mergeValues(live, config, SERVICE), {
      metadata: { labels: { a: '1', b: '3' } },
      spec: { selector: { y: '1' }, ports: [{ port: 80, protocol: 'TCP', nodePort: 30000, name: 'web' }] },
    });
  });
});

describe('configurationFaults', () => {
  const cases: [object, string[]][] = [
    [{ spec: { replicas: 1 } }, []],
    [{ spec: { foo: 1 } }, ['.spec.foo: field not declared in schema']],
    [{ spec: { replicas: '1' } }, ['.spec.replicas: expected numeric (int or float), got string']],
    [{ spec: 'x' }, ['.spec: expected map, got &{x}']],
    [{ spec: { template: { spec: { containers: 'x' } } } }, ['.spec.template.spec.containers: expected list, got &{x}']],
    [
      { spec: { template: { spec: { containers: [{ name: 'a', env: [{ name: 'E', value: 8 }] }] } } } },
      ['.spec.template.spec.containers[name="a"].env[name="E"].value: expected string, got &value.valueUnstructured{Value:8}'],
    ],
    [
      { spec: { template: { spec: { containers: [{ name: 'a' }, { name: 'a' }] } } } },
      ['.spec.template.spec.containers: duplicate entries for key [name="a"]'],
    ],
    [
      { spec: { template: { spec: { containers: [{ image: 'a' }] } } } },
      [
        '.spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
      ],
    ],
    [{ spec: { template: { spec: { containers: [{ name: 'a', resources: { limits: { cpu: 1 } } }] } } } }, []],
    [{ metadata: { creationTimestamp: null }, status: {} }, []],
  ];
  for (const [config, faults] of cases) {
    it(`finds ${faults.length === 0 ? 'nothing wrong' : faults.join('; ')} in ${JSON.stringify(config)}`, () =>
      assert.deepEqual(configurationFaults(config, DEPLOYMENT), faults));
  }
});
