import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  difference,
  differenceBelow,
  eachPath,
  equalFields,
  type Fields,
  intersection,
  LEAF,
  nodeOf,
  union,
  withSelf,
} from '../../../../src/api/apply/field-set.ts';

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1');
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 8 });

function setOf(list: readonly (readonly string[])[]): Fields {
  const one = (steps: readonly string[]): Fields => {
    const [first, ...rest] = steps;
    return first === undefined ? LEAF : nodeOf({ [first]: one(rest) }, false);
  };
  return list.reduce<Fields>((set, steps) => union(set, one(steps)), undefined);
}

function pathsOf(set: Fields): Set<string> {
  const out = new Set<string>();
  eachPath(set, (steps) => out.add(JSON.stringify(steps)));
  return out;
}

const keys = (list: readonly (readonly string[])[]): Set<string> => new Set(list.map((steps) => JSON.stringify(steps)));

describe('sets of fields', () => {
  it('are gone through by level: what ends there, then what is below', () => {
    const seen: string[] = [];
    eachPath(setOf([['f:b', 'f:a'], ['f:c'], ['f:b', 'f:c', 'f:d']]), (steps) => seen.push(steps.join('.')));
    assert.deepEqual(seen, ['f:c', 'f:b.f:a', 'f:b.f:c.f:d']);
  });

  it('hold the paths they are made of', () => {
    fc.assert(fc.property(paths, (list) => assert.deepEqual(pathsOf(setOf(list)), keys(list))));
  });

  it('unite, subtract and intersect as sets of paths do', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [x, y, left, right] = [setOf(a), setOf(b), keys(a), keys(b)];
        assert.deepEqual(pathsOf(union(x, y)), new Set([...left, ...right]));
        assert.deepEqual(pathsOf(difference(x, y)), new Set([...left].filter((one) => !right.has(one))));
        assert.deepEqual(pathsOf(intersection(x, y)), new Set([...left].filter((one) => right.has(one))));
      }),
    );
  });

  it('are equal when they have the same paths, in whatever order they came', () => {
    fc.assert(
      fc.property(paths, (list) => {
        const [there, back] = [setOf(list), setOf([...list].reverse())];
        assert.ok(equalFields(there, back));
        assert.equal(JSON.stringify(there), JSON.stringify(back));
      }),
    );
  });

  it('share themselves when nothing changes', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const both = union(setOf(a), setOf(b));
        assert.equal(union(both, setOf(b)), both);
        const rest = difference(both, setOf(b));
        assert.equal(difference(rest, setOf(b)), rest);
      }),
    );
  });

  it('lose what is below a path with differenceBelow', () => {
    const set = setOf([
      ['f:spec', 'f:a'],
      ['f:spec', 'f:b', 'f:c'],
      ['f:status', 'f:a'],
    ]);
    assert.deepEqual(differenceBelow(set, setOf([['f:spec']])), setOf([['f:status', 'f:a']]));
    assert.deepEqual(
      differenceBelow(set, setOf([['f:spec', 'f:b']])),
      setOf([
        ['f:spec', 'f:a'],
        ['f:status', 'f:a'],
      ]),
    );
  });

  it('write a path with children with a dot, before them', () => {
    assert.equal(JSON.stringify(withSelf(setOf([['f:b'], ['f:a']]))), '{".":{},"f:a":{},"f:b":{}}');
  });
});
