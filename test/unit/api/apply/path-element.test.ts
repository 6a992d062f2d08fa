import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalElement, keyElement, pathText, valueElement } from '../../../../src/api/apply/path-element.ts';

describe('path elements', () => {
  it('name items by their keys, with defaults for keys left out', () => {
    const keys = [
      { name: 'containerPort', default: undefined },
      { name: 'protocol', default: 'TCP' },
    ];
    assert.equal(keyElement({ protocol: 'UDP', containerPort: 53 }, keys), 'k:{"containerPort":53,"protocol":"UDP"}');
    assert.equal(keyElement({ containerPort: 80 }, keys), 'k:{"containerPort":80,"protocol":"TCP"}');
    assert.throws(() => keyElement({ protocol: 'TCP' }, keys), /omits key field "containerPort"/);
    assert.throws(() => keyElement(null, keys), /null element/);
    assert.throws(() => valueElement({}), /map type/);
  });

  const cases: [string, string | undefined][] = [
    ['f:spec', 'f:spec'],
    ['k:{ "protocol":"TCP", "containerPort":80}', 'k:{"containerPort":80,"protocol":"TCP"}'],
    ['v: "x"', 'v:"x"'],
    ['i:03', 'i:3'],
    ['i:x', undefined],
    ['k:[]', undefined],
    ['k:{', undefined],
    ['x:1', undefined],
    ['', undefined],
  ];
  for (const [text, canonical] of cases) {
    it(`canonicalElement makes ${canonical} of ${JSON.stringify(text)}`, () => assert.equal(canonicalElement(text), canonical));
  }

  it('read as paths do in messages', () => {
    const path = ['f:spec', 'f:containers', 'k:{"name":"web"}', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}'];
    assert.equal(pathText(path), '.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]');
    assert.equal(pathText(['f:metadata', 'f:finalizers', 'v:"a/b"', 'i:2']), '.metadata.finalizers[="a/b"][2]');
  });
});
