import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyConflict } from '../../../../src/api/apply/apply-conflict.ts';
import { applyTypeOf } from '../../../../src/api/apply/apply-type.ts';
import type { FieldSet } from '../../../../src/api/apply/field-set.ts';
import type { Manager } from '../../../../src/api/apply/managed-fields.ts';
import {
  applyVersionedConfiguration,
  hasOtherVersions,
  type VersionedWrite,
  versionedOwnersAfterUpdate,
} from '../../../../src/api/apply/version-owners.ts';
import { builtinSchema } from '../../../../src/api/schema/schema.ts';

const message = builtinSchema().kind('', 'v1', 'ConfigMap');
assert.ok(message);
const type = applyTypeOf(message);

interface Data {
  readonly data?: Record<string, string> | null;
}

/** Version `upper` names every key in capitals, `lower` in small letters. */
const NAMES: Readonly<Record<string, (key: string) => string>> = {
  upper: (key) => key.toUpperCase(),
  lower: (key) => key.toLowerCase(),
};

function renamed({ data }: Data, name: (key: string) => string): Data {
  return data ? { data: Object.fromEntries(Object.entries(data).map(([key, value]) => [name(key), value])) } : {};
}

function write(manager: string, operation: 'Apply' | 'Update', apiVersion: string): VersionedWrite {
  return {
    by: { manager, operation, apiVersion, subresource: '' },
    time: 'now',
    type,
    reset: undefined,
    form(version) {
      const name = NAMES[version];
      return name && { type, reset: undefined, convert: async (object) => renamed(object as Data, name) };
    },
  };
}

const fieldsOf = (...keys: string[]): FieldSet => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) });

function manager(name: string, apiVersion: string, keys: readonly string[], operation: 'Apply' | 'Update' = 'Apply'): Manager {
  return { manager: name, operation, apiVersion, subresource: '', time: 'then', fields: fieldsOf(...keys) };
}

/** Managers as `name version keys`. */
const told = (managers: readonly Manager[]): string[] =>
  managers.map(({ manager: name, apiVersion, fields }) => `${name} ${apiVersion} ${Object.keys(fields['f:data'] ?? {}).sort()}`);

describe('versionedOwnersAfterUpdate', () => {
  const cases: [title: string, managers: Manager[], now: Data, expected: string[]][] = [
    [
      'takes a changed field from who has it in another version',
      [manager('a', 'lower', ['x', 'y'])],
      { data: { X: '9', Y: '2' } },
      ['a lower f:y', 'u upper f:X'],
    ],
    [
      'takes a removed field from who has it in another version',
      [manager('a', 'lower', ['x', 'y'])],
      { data: { Y: '2' } },
      ['a lower f:y'],
    ],
    ['leaves out a manager with nothing left', [manager('a', 'lower', ['x'])], { data: { X: '9', Y: '2' } }, ['u upper f:X']],
    [
      'keeps the fields of others apart by version',
      [manager('a', 'lower', ['y']), manager('b', 'upper', ['X'])],
      { data: { X: '1', Y: '9' } },
      ['b upper f:X', 'u upper f:Y'],
    ],
    [
      'drops managers of versions that are not served',
      [manager('a', 'gone', ['x']), manager('b', 'upper', ['Y'])],
      { data: { X: '1', Y: '2' } },
      ['b upper f:Y'],
    ],
    [
      'has an updater of two versions twice',
      [manager('u', 'lower', ['y'], 'Update')],
      { data: { X: '9', Y: '2' } },
      ['u lower f:y', 'u upper f:X'],
    ],
  ];
  for (const [title, managers, now, expected] of cases) {
    it(title, async () => {
      const live = { data: { X: '1', Y: '2' } };
      assert.deepEqual(told(await versionedOwnersAfterUpdate(managers, { live, now }, write('u', 'Update', 'upper'))), expected);
    });
  }
});

describe('applyVersionedConfiguration', () => {
  const live = { data: { X: '1', Y: '2' } };
  const cases: [
    title: string,
    managers: Manager[],
    config: Data,
    expected: { data: Data['data']; managers: string[]; conflict?: string },
  ][] = [
    [
      'reports what an updater has in another version in the terms of that version',
      [manager('u', 'lower', ['x'], 'Update')],
      { data: { X: '9' } },
      {
        data: { X: '9', Y: '2' },
        managers: ['a upper f:X'],
        conflict: 'Apply failed with 1 conflict: conflict with "u" using lower: .data.x',
      },
    ],
    [
      'shares a field on which two versions agree',
      [manager('b', 'lower', ['x'])],
      { data: { X: '1' } },
      { data: { X: '1', Y: '2' }, managers: ['b lower f:x', 'a upper f:X'] },
    ],
    [
      'moves an applier to the version it now writes through',
      [manager('a', 'lower', ['x', 'y'])],
      { data: { X: '1', Y: '2' } },
      { data: { X: '1', Y: '2' }, managers: ['a upper f:X,f:Y'] },
    ],
    [
      'takes out what the applier had in another version and gave up',
      [manager('a', 'lower', ['x', 'y'])],
      { data: { X: '1' } },
      { data: { X: '1' }, managers: ['a upper f:X'] },
    ],
    [
      'keeps what the applier gave up and another has in another version',
      [manager('a', 'upper', ['X', 'Y']), manager('b', 'lower', ['y'])],
      { data: { X: '1' } },
      { data: { X: '1', Y: '2' }, managers: ['b lower f:y', 'a upper f:X'] },
    ],
    [
      'drops managers of versions that are not served, and has no conflicts with them',
      [manager('u', 'gone', ['x'], 'Update')],
      { data: { X: '9' } },
      { data: { X: '9', Y: '2' }, managers: ['a upper f:X'] },
    ],
  ];
  for (const [title, managers, config, expected] of cases) {
    it(title, async () => {
      const applied = await applyVersionedConfiguration(managers, { live, config }, write('a', 'Apply', 'upper'));
      assert.deepEqual((applied.object as Data).data, expected.data);
      assert.deepEqual(told(applied.managers), expected.managers);
      const { conflicts } = applied;
      assert.equal(conflicts.length > 0 ? applyConflict(conflicts).message : undefined, expected.conflict);
    });
  }
});

describe('hasOtherVersions', () => {
  it('tells whether a manager writes through another version', () => {
    const managers = [manager('a', 'upper', ['X'])];
    assert.deepEqual(
      [hasOtherVersions([], 'upper'), hasOtherVersions(managers, 'upper'), hasOtherVersions(managers, 'lower')],
      [false, false, true],
    );
  });
});
