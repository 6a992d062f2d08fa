import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../../src/api/codec/decode.ts';
import { encodeObject } from '../../../src/api/codec/encode.ts';
import { cannotBeHandled, DecodeError } from '../../../src/api/codec/errors.ts';
import { MAX_DEPTH } from '../../../src/api/codec/json-text.ts';
import { builtinSchema, type Message } from '../../../src/api/schema/schema.ts';

function message(name: string): Message {
  const found = builtinSchema().message(name.includes('.pkg.') ? name : `io.k8s.api.${name}`);
  assert.ok(found, name);
  return found;
}

const POD = message('core.v1.Pod');
const DEPLOYMENT = message('apps.v1.Deployment');
const SECRET = message('core.v1.Secret');
const LEASE = message('coordination.v1.Lease');
const CRD = message('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition');

const probe = (handler: string): string => `{"spec":{"containers":[{"livenessProbe":${handler}}]}}`;
const limits = (value: string): string => `{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":${value}}}]}}}}`;
const HTTP_PORT = 'HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32';
const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Message, text, and what upstream's decoder says of it. */
const FAULTS: [Message, string, string][] = [
  [
    DEPLOYMENT,
    '{"spec":{"replicas":"3"}}',
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    DEPLOYMENT,
    '{"spec":{"replicas":1.5}}',
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    DEPLOYMENT,
    '{"spec":{"replicas":99999999999}}',
    'json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [DEPLOYMENT, '{"spec":"x"}', 'json: cannot unmarshal string into Go struct field Deployment.spec of type v1.DeploymentSpec'],
  [
    DEPLOYMENT,
    '{"spec":{"template":{"spec":{"containers":{"a":1}}}}}',
    'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
  ],
  [
    DEPLOYMENT,
    '{"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"protocol":5}]}]}}}}',
    'json: cannot unmarshal number into Go struct field ContainerPort.spec.template.spec.containers.ports.protocol of type v1.Protocol',
  ],
  [DEPLOYMENT, limits('{"cpu":"1gi"}'), QUANTITY],
  [DEPLOYMENT, limits('{"cpu":true}'), QUANTITY],
  [DEPLOYMENT, limits('{"cpu":"1K"}'), "unable to parse quantity's suffix"],
  [
    DEPLOYMENT,
    limits('"x"'),
    'json: cannot unmarshal string into Go struct field ResourceRequirements.spec.template.spec.containers.resources.limits of type v1.ResourceList',
  ],
  [POD, '{"spec":{"nodeSelector":{"a":1}}}', 'json: cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string'],
  [
    POD,
    '{"spec":{"nodeSelector":["a"]}}',
    'json: cannot unmarshal array into Go struct field PodSpec.spec.nodeSelector of type map[string]string',
  ],
  [
    POD,
    '{"spec":{"volumes":[{"name":"a","emptyDir":"x"}]}}',
    'json: cannot unmarshal string into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource',
  ],
  [POD, probe('{"httpGet":{"port":true}}'), `json: cannot unmarshal bool into Go struct field ${HTTP_PORT}`],
  [POD, probe('{"httpGet":{"port":1.5}}'), `json: cannot unmarshal number 1.5 into Go struct field ${HTTP_PORT}`],
  [POD, probe('{"httpGet":{"port":{}}}'), `json: cannot unmarshal object into Go struct field ${HTTP_PORT}`],
  [POD, '{"metadata":{"creationTimestamp":"x"}}', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  [POD, '{"metadata":{"creationTimestamp":""}}', 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"'],
  [POD, '{"metadata":{"creationTimestamp":"2024-13-02T03:04:05Z"}}', 'parsing time "2024-13-02T03:04:05Z": month out of range'],
  [POD, '{"metadata":{"creationTimestamp":"2023-02-29T03:04:05Z"}}', 'parsing time "2023-02-29T03:04:05Z": day out of range'],
  [
    POD,
    '{"metadata":{"creationTimestamp":5}}',
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
  ],
  [POD, '{"metadata":[]}', 'json: cannot unmarshal array into Go struct field Pod.metadata of type v1.ObjectMeta'],
  [POD, '{"spec":{"containers":[5]}}', 'json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type v1.Container'],
  [
    POD,
    '{"spec":{"containers":[{"env":["x"]}]}}',
    'json: cannot unmarshal string into Go struct field Container.spec.containers.env of type v1.EnvVar',
  ],
  [SECRET, '{"data":{"a":"!!"}}', 'illegal base64 data at input byte 0'],
  [SECRET, '{"data":{"a":5}}', 'json: cannot unmarshal number into Go struct field Secret.data of type []uint8'],
  [
    LEASE,
    '{"spec":{"renewTime":"2024-01-02T03:04:05Z"}}',
    'parsing time "2024-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  ],
  [CRD, '{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"additionalProperties":5}}}]}}', 'boolean or JSON schema expected'],
  [POD, '[]', 'json: cannot unmarshal array into Go value of type v1.Pod'],
  [POD, '{"kind":"Pod"', 'unexpected end of JSON input'],
  [POD, '{"kind":"Pod"}}', "invalid character '}' after top-level value"],
  [POD, '{"kind":Pod}', "invalid character 'P' looking for beginning of value"],
  [POD, '{"kind":"Pod",}', "invalid character '}' looking for beginning of object key string"],
  [POD, '{"a" 1}', "invalid character '1' after object key"],
  [POD, '{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
  [POD, '{"a":01}', "invalid character '1' after object key:value pair"],
  [POD, "{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  [POD, '{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  [POD, '{"a":"\\x"}', "invalid character 'x' in string escape code"],
  [POD, '', 'unexpected end of JSON input'],
];

test('decodeObject says what is wrong in the words of upstream', () => {
  for (const [type, text, expected] of FAULTS) {
    assert.throws(
      () => decodeObject(text, type),
      (error) => {
        assert.ok(error instanceof DecodeError);
        assert.equal(error.message, expected, text);
        return true;
      },
    );
  }
});

const STRICT: [string, string[]][] = [
  ['{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}', []],
  [
    '{"spec":{"foo":1,"containers":[{"name":"a","name":"b","bar":{}}],"foo":2}}',
    ['unknown field "spec.foo"', 'duplicate field "spec.containers[0].name"', 'unknown field "spec.containers[0].bar"'],
  ],
  ['{"spec":{"nodeSelector":{"a":"1","\\u0061":"2"}}}', ['duplicate field "spec.nodeSelector.a"']],
  ['{"Spec":{},"spec":{"hostnetwork":true}}', ['unknown field "Spec"', 'unknown field "spec.hostnetwork"']],
  ['{"nope":{"a":1,"a":2}}', ['unknown field "nope"']],
  ['{"__proto__":{"a":1}}', ['unknown field "__proto__"']],
];

test('decodeObject warns of or refuses unknown and duplicate fields, and drops them', () => {
  for (const [text, expected] of STRICT) {
    assert.deepEqual(decodeObject(text, POD, { validation: 'Warn' }).warnings, expected, text);
    assert.deepEqual(decodeObject(text, POD).warnings, []);
    assert.deepEqual(decodeObject(JSON.parse(text), POD, { validation: 'Warn', text }).warnings, expected, text);
    const strict = (): unknown => decodeObject(text, POD, { validation: 'Strict' });
    if (expected.length === 0) strict();
    else assert.throws(strict, { message: `strict decoding error: ${expected.join(', ')}`, code: 'strict' });
  }
  const { object } = decodeObject<{ spec: object }>('{"spec":{"foo":1}}', POD);
  assert.deepEqual(object.spec, { containers: [] });
});

/** Text, and what a client reads after a write. */
const CANONICAL: [Message, string, string][] = [
  [
    DEPLOYMENT,
    '{"spec":{"selector":null,"template":null,"strategy":null}}',
    '{"metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}}',
  ],
  [
    POD,
    '{"spec":{"nodeSelector":{"a":null},"containers":null,"tolerations":[],"hostNetwork":false}}',
    '{"metadata":{},"spec":{"containers":null,"nodeSelector":{"a":""}},"status":{}}',
  ],
  [
    POD,
    '{"metadata":{"creationTimestamp":"2024-01-02T03:04:05.678+02:00"}}',
    '{"metadata":{"creationTimestamp":"2024-01-02T01:04:05Z"},"spec":{"containers":null},"status":{}}',
  ],
  [
    POD,
    '{"status":{"conditions":[{"type":"Ready"}],"containerStatuses":[null]}}',
    '{"metadata":{},"spec":{"containers":null},"status":{"conditions":[{"type":"Ready","status":"","lastProbeTime":null,"lastTransitionTime":null}],' +
      '"containerStatuses":[{"name":"","state":{},"lastState":{},"ready":false,"restartCount":0,"image":"","imageID":""}]}}',
  ],
  [SECRET, '{"data":{"a":"YWI\\n="}}', '{"metadata":{},"data":{"a":"YWI="}}'],
  [message('rbac.v1.Role'), '{"rules":[null]}', '{"metadata":{},"rules":[{"verbs":null}]}'],
  [
    CRD,
    '{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"default":null,"enum":[null,1],"items":[],"properties":{"a":null},"dependencies":{"a":["b"]},' +
      '"additionalProperties":false}}}]}}',
    '{"metadata":{},"spec":{"group":"","names":{"plural":"","kind":""},"scope":"","versions":[{"name":"","served":false,"storage":false,' +
      '"schema":{"openAPIV3Schema":{"enum":[null,1],"items":null,"properties":{"a":{}},"additionalProperties":false,"dependencies":{"a":["b"]}}}}]},' +
      '"status":{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":null}}',
  ],
];

test('decodeObject and encodeObject make values canonical', () => {
  for (const [type, text, expected] of CANONICAL) {
    assert.equal(JSON.stringify(encodeObject(decodeObject(text, type).object, type)), expected);
  }
  const { object } = decodeObject(limits('{"cpu":"1000m","memory":1024,"x":0.5,"y":"1024Mi","z":"1000"}'), DEPLOYMENT);
  assert.match(JSON.stringify(object), /"limits":\{"cpu":"1","memory":"1024","x":"500m","y":"1Gi","z":"1k"\}/);
});

test('decodeObject keeps keys of maps as data and refuses endless nesting', () => {
  const { object } = decodeObject<{ metadata: { labels: object } }>('{"metadata":{"labels":{"__proto__":"x"}}}', POD);
  assert.equal(JSON.stringify(object.metadata.labels), '{"__proto__":"x"}');
  const revision = message('apps.v1.ControllerRevision');
  const deep = `{"data":{"a":${'['.repeat(MAX_DEPTH)}${']'.repeat(MAX_DEPTH)}}}`;
  assert.throws(() => decodeObject(deep, revision), { message: 'exceeded max depth' });
  assert.throws(() => decodeObject(deep, revision, { validation: 'Strict' }), { message: 'exceeded max depth' });
});

test('cannotBeHandled makes a DecodeError the BadRequest of the API', () => {
  const error = cannotBeHandled({ group: 'apps', version: 'v1', kind: 'Deployment' }, new DecodeError('type', 'why'));
  assert.equal(error.message, 'Deployment in version "v1" cannot be handled as a Deployment: why');
  assert.equal(error.code, 400);
});
