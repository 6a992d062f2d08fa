import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIService } from '../../../../src/api/types/apiregistration-v1.gen.ts';
import { validateCreate, validateUpdate } from '../../../../src/api/validation/validate.ts';

const KIND = { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService' };
const remote: APIService = {
  metadata: { name: 'v1.example.com' },
  spec: {
    group: 'example.com',
    version: 'v1',
    groupPriorityMinimum: 100,
    versionPriority: 10,
    service: { namespace: 'ns', name: 'api', port: 443 },
  },
};
const changed = (spec: Partial<APIService['spec']>, name = 'v1.example.com'): APIService => ({
  metadata: { name },
  spec: { ...remote.spec, ...spec },
});
const faults = (service: APIService): string[] =>
  validateCreate(KIND, { kind: 'APIService', ...service }).map(({ field, detail }) => `${field}: ${detail}`);

test('validateCreate passes remote, local and the legacy APIService', () => {
  const { service: _, ...local } = remote.spec;
  const legacy = { version: 'v1', groupPriorityMinimum: 18_000, versionPriority: 1 };
  assert.deepEqual(faults(remote), []);
  assert.deepEqual(faults({ metadata: { name: 'v1.example.com' }, spec: local }), []);
  assert.deepEqual(faults({ metadata: { name: 'v1.' }, spec: legacy }), []);
});

const { service: _service, ...localSpec } = remote.spec;
for (const [title, service, expected] of [
  [
    'another name',
    changed({}, 'v1.other.com'),
    ['metadata.name: Invalid value: "v1.other.com": must be `spec.version+"."+spec.group`: "v1.example.com"'],
  ],
  [
    'no group',
    changed({ group: '', version: 'v2' }, 'v2.'),
    ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
  ],
  [
    'priorities out of range',
    changed({ groupPriorityMinimum: 20_001, versionPriority: 0 }),
    [
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
    ],
  ],
  [
    'a Service without names',
    changed({ service: { port: 0 } }),
    [
      'spec.service.namespace: Required value',
      'spec.service.name: Required value',
      'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'trust in all and in one',
    changed({ insecureSkipTLSVerify: true, caBundle: 'AAAA' }),
    ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'],
  ],
  [
    'TLS of a local one',
    { metadata: remote.metadata, spec: { ...localSpec, insecureSkipTLSVerify: true, caBundle: 'AAAA' } },
    [
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
] as const) {
  test(`validateCreate refuses an APIService with ${title}`, () => {
    assert.deepEqual(faults(service), expected);
  });
}

test('validateUpdate checks the conditions of a status and nothing else of it', () => {
  const old = { kind: 'APIService', ...remote };
  const object = { ...old, spec: { ...remote.spec, versionPriority: 0 }, status: { conditions: [{ type: 'Available', status: 'Maybe' }] } };
  assert.deepEqual(validateUpdate(KIND, object, old, 'status'), [
    {
      type: 'FieldValueNotSupported',
      field: 'status.conditions[0].status',
      detail: 'Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
    },
  ]);
});
