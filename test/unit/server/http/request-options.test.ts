import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOptions } from '../../../../src/server/http/request-options.ts';

const BAD: [query: string, verb: string, code: number, message: string][] = [
  ['dryRun=', 'create', 422, 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: [""]: supported values: "All"'],
  [
    'dryRun=All&dryRun=x',
    'update',
    422,
    'UpdateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["All","x"]: supported values: "All"',
  ],
  [
    'fieldValidation=x',
    'patch',
    422,
    'PatchOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"',
  ],
  ['limit=x', 'list', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
];

for (const [query, verb, code, message] of BAD) {
  test(`requestOptions refuses ${query} of a ${verb}`, () => {
    assert.throws(() => requestOptions(new URLSearchParams(query), verb), { code, message });
  });
}

test('requestOptions reads what is asked for', () => {
  const query = new URLSearchParams('dryRun=All&fieldValidation=Strict&limit=5&force=true');
  assert.deepEqual(requestOptions(query, 'patch'), { fieldValidation: 'Strict', limit: 5, force: true, dryRun: ['All'] });
});
