// Every kind: what is typical is valid, and stays so when nothing changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILTIN_RESOURCES, groupResourceString } from '../../../../src/api/resources.ts';
import { nameCheck, validateObjectMeta } from '../../../../src/api/validation/object-meta.ts';
import { hasRules, validateCreate, validateUpdate } from '../../../../src/api/validation/validate.ts';
import { warningsOf } from '../../../../src/api/warnings/warnings.ts';
import { kindOfKey, TYPICAL, typical } from '../../../support/typical-objects.ts';

test('TYPICAL has an object of every kind with rules', () => {
  const kinds = BUILTIN_RESOURCES.flatMap((info) => [info, ...info.subresources.map((sub) => ({ ...sub, plural: info.resource }))])
    .filter(hasRules)
    .map(({ group, kind }) => `${group}/${kind}`);
  assert.deepEqual(
    [...new Set(kinds)].filter((key) => !(key in TYPICAL)),
    [],
  );
});

for (const key of Object.keys(TYPICAL)) {
  const kind = kindOfKey(key);
  test(`a typical ${key} may be created and written again, without a warning`, () => {
    const object = typical(key);
    assert.deepEqual(validateCreate(kind, object), []);
    assert.deepEqual(validateUpdate(kind, object, typical(key)), []);
    assert.deepEqual(warningsOf(kind, object), []);
  });
}

for (const info of BUILTIN_RESOURCES.filter(({ group, kind }) => `${group}/${kind}` in TYPICAL)) {
  test(`the metadata of a typical ${groupResourceString(info)} is valid`, () => {
    const { metadata } = typical(`${info.group}/${info.kind}`);
    const rules = { namespaced: info.namespaced, name: nameCheck(groupResourceString(info)), builtin: true };
    assert.deepEqual(validateObjectMeta(metadata, rules), []);
  });
}
