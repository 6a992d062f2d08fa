import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deepFreeze } from '../../../../src/api/copy.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { CustomType } from '../../../../src/api/structural/custom-type.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { type ConvertObjects, CustomConversion } from '../../../../src/server/extensions/custom-conversion.ts';

function typeOf(version: string, properties: Record<string, JSONSchemaProps>): CustomType {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } };
  const kind = { group: 'example.com', version, kind: 'Widget' };
  return new CustomType(
    kind,
    { name: version, served: true, storage: version === 'v1', schema },
    { namespaced: true, keepsUnknown: false },
  );
}

const V1 = typeOf('v1', { a: { type: 'integer' }, d: { type: 'integer', default: 7 } });
const V2 = typeOf('v2', { a: { type: 'integer' } });
const TYPES = new Map([V1, V2].map((type) => [type.apiVersion, type]));

const conversion = (type: CustomType, convert?: ConvertObjects): CustomConversion =>
  new CustomConversion({ type, storedType: V1, types: TYPES, convert });

const stored = (spec: object): KubeObject =>
  deepFreeze({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'x' }, spec } as KubeObject);

describe('CustomConversion', () => {
  it('hands on what is stored as it is shown', () => {
    const object = stored({ a: 1, d: 2 });
    assert.equal(conversion(V1).fromStored(object), object);
  });

  it('completes what the schema has learned since, once', () => {
    const own = conversion(V1);
    const object = stored({ a: 1, gone: true });
    const shown = own.fromStored(object);
    assert.deepEqual(Reflect.get(shown, 'spec'), { a: 1, d: 7 });
    assert.equal(own.fromStored(object), shown);
  });

  it('shows another version by its own schema', () => {
    const shown = conversion(V2).fromStored(stored({ a: 1 }));
    assert.deepEqual([shown.apiVersion, Reflect.get(shown, 'spec')], ['example.com/v2', { a: 1 }]);
    assert.ok(Object.isFrozen(shown));
  });

  it('does not freeze a draft that it is given', () => {
    const draft = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'x' }, spec: { a: 1, d: 7 } } as KubeObject;
    conversion(V1).fromStored(draft);
    assert.equal(Object.isFrozen(draft), false);
    assert.equal(Object.isFrozen(Reflect.get(draft, 'spec')), false);
  });

  it('asks for what is stored in another version, each version at once and each object once', async () => {
    const asked: string[][] = [];
    const convert: ConvertObjects = async (objects, apiVersion) => {
      asked.push(objects.map(({ metadata }) => metadata.name ?? ''));
      return objects.map((object) => ({ ...object, apiVersion, spec: { a: 9 } }) as KubeObject);
    };
    const other = conversion(V2, convert);
    const [one, two] = [stored({ a: 1 }), { ...stored({ a: 2 }), metadata: { name: 'y' } }];
    assert.throws(() => other.fromStored(one), { code: 500 });
    await other.load?.([one, two]);
    await other.load?.([one, two]);
    assert.deepEqual(asked, [['x', 'y']]);
    assert.deepEqual(Reflect.get(other.fromStored(two), 'spec'), { a: 9 });
    const back = await other.toStored(other.fromStored(one));
    assert.equal(back.apiVersion, 'example.com/v1');
  });

  it('needs nothing loaded where one version is all', () => {
    const alone = new CustomConversion({ type: V1, storedType: V1, types: new Map([[V1.apiVersion, V1]]), convert: async () => [] });
    assert.equal(alone.load, undefined);
  });
});
