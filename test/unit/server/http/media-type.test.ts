import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import { bodyFormat, negotiate, parseAccept } from '../../../../src/server/http/media-type.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const ACCEPTS: [accept: string | undefined, format: string, as: string][] = [
  [undefined, 'json', 'object'],
  ['', 'json', 'object'],
  ['*/*', 'json', 'object'],
  ['application/*', 'json', 'object'],
  ['application/json', 'json', 'object'],
  ['application/yaml', 'yaml', 'object'],
  ['application/vnd.kubernetes.protobuf', 'protobuf', 'object'],
  ['application/vnd.kubernetes.protobuf,application/json', 'protobuf', 'object'],
  ['application/json;q=0.5,application/yaml', 'yaml', 'object'],
  ['text/html,application/json;q=0.1', 'json', 'object'],
  [`${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, 'json', 'table'],
  ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'json', 'object'],
  ['application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'protobuf', 'partial'],
  ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'json', 'partial'],
];

for (const [accept, format, as] of ACCEPTS) {
  test(`negotiate answers ${accept} with ${format} as ${as}`, () => {
    const chosen = negotiate(accept);
    assert.deepEqual([chosen.format, chosen.as], [format, as]);
  });
}

test('negotiate refuses what it cannot make with 406', () => {
  for (const accept of ['text/html', 'application/json;as=Sheet;v=v1;g=meta.k8s.io', 'application/xml,image/png']) {
    assert.throws(
      () => negotiate(accept),
      (error) => error instanceof StatusError && error.code === 406 && error.reason === 'NotAcceptable',
    );
  }
});

test('bodyFormat knows three media types, takes JSON for none, and refuses others with 415', () => {
  assert.equal(bodyFormat(undefined), 'json');
  assert.equal(bodyFormat('application/json; charset=utf-8'), 'json');
  assert.equal(bodyFormat('application/yaml'), 'yaml');
  assert.throws(() => bodyFormat('text/json'), { code: 415 });
  assert.equal(bodyFormat('application/vnd.kubernetes.protobuf'), 'protobuf');
  assert.throws(
    () => bodyFormat('text/plain'),
    (error) => error instanceof StatusError && error.code === 415,
  );
});

test('parseAccept orders by quality and survives nonsense', () => {
  assert.deepEqual(
    parseAccept('a/b;q=0.2, c/d, ;;,e/f;q=x').map((range) => range.type),
    ['c/d', 'a/b', 'e/f'],
  );
});

test('negotiate offers only the shapes that a resource has', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  assert.equal(negotiate(table).as, 'table');
  assert.equal(negotiate(`${table},application/json`, { shapes: ['object'] }).as, 'object');
  assert.throws(() => negotiate(table, { shapes: ['object'] }), { code: 406 });
});

test('negotiate answers a Table as protobuf with the next choice of the client', () => {
  const table = 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io';
  assert.deepEqual(negotiate(`${table},${TABLE}`), { format: 'json', as: 'table' });
  assert.throws(() => negotiate(table), { code: 406 });
});

test('negotiate and bodyFormat refuse CBOR and say what there is', () => {
  const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  assert.throws(() => negotiate('application/cbor'), { code: 406, message: `only the following media types are accepted: ${types}` });
  const message = `the body of the request was in an unknown format - accepted media types include: ${types}`;
  assert.throws(() => bodyFormat('application/cbor'), { code: 415, message });
});
