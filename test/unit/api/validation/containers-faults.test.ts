// Faults of containers: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { CONFIG_KEY, LABEL, QUALIFIED, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: ' a ' }] },
    'spec.containers[0].image: Invalid value: " a ": must not have leading or trailing whitespace',
  ],
  ['/Pod', { 'spec.containers': [{ name: '', image: 'web:1' }] }, 'spec.containers[0].name: Required value'],
  ['/Pod', { 'spec.containers': [{ name: 'web', image: 'web:1', restartPolicy: 'Always' }] }],
  [
    '/Pod',
    { 'spec.initContainers': [{ name: 'i', image: 'web:1', restartPolicy: 'Sometimes' }] },
    'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    '/Pod',
    {
      'spec.initContainers': [
        { name: 'i', image: 'web:1', livenessProbe: { exec: { command: ['a'] } }, lifecycle: { preStop: { exec: { command: ['a'] } } } },
      ],
    },
    'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
    'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    '/Pod',
    { 'spec.initContainers': [{ name: 'i', image: 'web:1', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }] },
    `spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to 'RestartContainer' for non-sidecar initContainers`,
  ],
  [
    '/Pod',
    {
      'spec.restartPolicy': 'Never',
      'spec.containers': [{ name: 'web', image: 'web:1', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }],
    },
    "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', restartPolicyRules: [{ action: '', exitCodes: { operator: '' } }] }] },
    'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "": supported values: "Restart", "RestartAllContainers"',
    'spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "": supported values: "In", "NotIn"',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [{ name: 'v', configMap: { name: 'c' } }],
      'spec.containers': [
        {
          name: 'web',
          image: 'web:1',
          env: [
            { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '/x/../y', key: 'a=b' } } },
            { name: 'B', valueFrom: { fileKeyRef: { volumeName: 'W', path: '', key: '' } } },
            { name: 'C', valueFrom: { fieldRef: { fieldPath: "metadata.name['x']" } } },
          ],
        },
      ],
    },
    'spec.containers[0].env[0].valueFrom.fileKeyRef.key: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    'spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "/x/../y": must not contain \'..\'',
    'spec.containers[0].env[1].valueFrom.fileKeyRef.key: Required value',
    `spec.containers[0].env[1].valueFrom.fileKeyRef.volumeName: Invalid value: "W": ${LABEL}`,
    'spec.containers[0].env[1].valueFrom.fileKeyRef.path: Required value',
    `spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name['x']": error converting fieldPath: field label does not support subscript: metadata.name['x']`,
    'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir',
    'spec.containers[0].env[1].valueFrom.fileKeyRef.volumeName: Not found: "W"',
  ],
  ['/Pod', { 'spec.initContainers': [{ name: 'web', image: 'web:1' }] }, 'spec.initContainers[0].name: Duplicate value: "web"'],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', terminationMessagePolicy: 'Loud' }] },
    'spec.containers[0].terminationMessagePolicy: Unsupported value: "Loud": supported values: "File", "FallbackToLogsOnError"',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        {
          name: 'web',
          image: 'web:1',
          ports: [
            { containerPort: 80, name: 'a' },
            { containerPort: 81, name: 'a' },
          ],
        },
      ],
    },
    'spec.containers[0].ports[1].name: Duplicate value: "a"',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80, name: 'A_b' }] }] },
    'spec.containers[0].ports[0].name: Invalid value: "A_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80, protocol: 'ICMP' }] }] },
    'spec.containers[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        {
          name: 'web',
          image: 'web:1',
          ports: [
            { containerPort: 80, hostPort: 8080 },
            { containerPort: 81, hostPort: 8080 },
          ],
        },
      ],
    },
    'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//8080"',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', ports: [{ containerPort: 0 }] }] },
    'spec.containers[0].ports[0].containerPort: Required value',
  ],
  [
    '/Pod',
    { 'spec.hostNetwork': true, 'spec.containers': [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80, hostPort: 81 }] }] },
    'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  ['/Pod', { 'spec.containers': [{ name: 'web', image: 'web:1', env: [{ name: '' }] }] }, 'spec.containers[0].env[0].name: Required value'],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
      ],
    },
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    '/Pod',
    {
      'spec.containers': [{ name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nodeColor' } } }] }],
    },
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nodeColor": error converting fieldPath: field label not supported: spec.nodeColor',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } }] },
      ],
    },
    `spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: '', key: 'a b' } } }] }] },
    `spec.containers[0].env[0].valueFrom.secretKeyRef.name: Invalid value: "": ${SUBDOMAIN}`,
    `spec.containers[0].env[0].valueFrom.secretKeyRef.key: Invalid value: "a b": ${CONFIG_KEY}`,
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c' } } }] }] },
    'spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Required value',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cores' } } }] },
      ],
    },
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.cores": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: {} }] }] },
    'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', envFrom: [{ prefix: '1-', configMapRef: { name: '' } }, {}] }] },
    'spec.containers[0].envFrom[0].configMapRef.name: Required value',
    'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', volumeMounts: [{ name: '', mountPath: '' }] }] },
    'spec.containers[0].volumeMounts[0].name: Required value',
    'spec.containers[0].volumeMounts[0].name: Not found: ""',
    'spec.containers[0].volumeMounts[0].mountPath: Required value',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [{ name: 'v', emptyDir: {} }],
      'spec.containers': [
        {
          name: 'web',
          image: 'web:1',
          volumeMounts: [
            { name: 'v', mountPath: '/a' },
            { name: 'v', mountPath: '/a' },
          ],
        },
      ],
    },
    'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [{ name: 'v', emptyDir: {} }],
      'spec.containers': [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'v', mountPath: '/a', subPath: '/b' }] }],
    },
    'spec.containers[0].volumeMounts.subPath: Invalid value: "/b": must be a relative path',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [{ name: 'v', emptyDir: {} }],
      'spec.containers': [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'b', subPathExpr: 'c' }] }],
    },
    'spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "c": subPathExpr and subPath are mutually exclusive',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [{ name: 'v', emptyDir: {} }],
      'spec.containers': [
        { name: 'web', image: 'web:1', volumeMounts: [{ name: 'v', mountPath: '/a', mountPropagation: 'Bidirectional' }] },
      ],
    },
    'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [{ name: 'v', emptyDir: {} }],
      'spec.containers': [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'v', mountPath: '/a', recursiveReadOnly: 'Enabled' }] }],
    },
    'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', volumeDevices: [{ name: 'd', devicePath: '/dev/x' }] }] },
    'spec.containers[0].volumeDevices[0].name: Not found: "d"',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', livenessProbe: { exec: { command: [] } } }] },
    'spec.containers[0].livenessProbe.exec.command: Required value',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', livenessProbe: { httpGet: { port: 80, scheme: 'FTP', httpHeaders: [{ name: 'A b', value: '' }] } } },
      ],
    },
    'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
    `spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: "A b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', livenessProbe: { tcpSocket: { port: 0 }, initialDelaySeconds: -1 } }] },
    'spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.containers[0].livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', livenessProbe: { grpc: { port: 0 }, terminationGracePeriodSeconds: 0 } }] },
    'spec.containers[0].livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
  ],
  [
    '/Pod',
    {
      'spec.containers': [{ name: 'web', image: 'web:1', readinessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 5 } }],
    },
    'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', startupProbe: { exec: { command: ['a'] }, successThreshold: 2 } }] },
    'spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', lifecycle: { postStart: {}, preStop: { sleep: { seconds: 31 } } } }] },
    'spec.containers[0].lifecycle.postStart: Required value: must specify a handler type',
    'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', resources: { limits: { cpu: '1', 'a.example/gpu': '1' }, requests: { 'a.example/gpu': '2' } } },
      ],
    },
    'spec.containers[0].resources.requests: Invalid value: "2": must be equal to a.example/gpu limit of 1',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', resources: { requests: { 'a.example/gpu': '1' } } }] },
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', resources: { limits: { 'a.example/gpu': '1500m' } } }] },
    'spec.containers[0].resources.limits[a.example/gpu]: Invalid value: "1500m": must be an integer',
    'spec.containers[0].resources.requests[a.example/gpu]: Invalid value: "1500m": must be an integer',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', resources: { limits: { 'hugepages-2Mi': '2Mi' } } }] },
    'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', resources: { claims: [{ name: 'gone' }] } }] },
    'spec.containers[0].resources.claims[0]: Not found: "gone": must be one of the names in pod.spec.resourceClaims which is empty',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', resizePolicy: [{ resourceName: 'disk', restartPolicy: 'Maybe' }] }] },
    'spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
    'spec.containers[0].resizePolicy: Unsupported value: "Maybe": supported values: "NotRequired", "RestartContainer"',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', securityContext: { runAsNonRoot: true, runAsUser: -1, runAsGroup: -1 } }] },
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'spec.containers[0].securityContext.runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', securityContext: { seccompProfile: { type: 'Localhost' } } }] },
    'spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', securityContext: { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'a' } } },
      ],
    },
    'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: {"type":"RuntimeDefault","localhostProfile":"a"}: can only be set when seccomp type is Localhost',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', securityContext: { appArmorProfile: { type: 'Localhost' } } }] },
    'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
  ],
  [
    '/Pod',
    {
      'spec.containers': [
        { name: 'web', image: 'web:1', securityContext: { capabilities: { add: ['SYS_ADMIN'] }, allowPrivilegeEscalation: false } },
      ],
    },
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', securityContext: { procMount: 'Unmasked' } }] },
    'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
  ],
  [
    '/Pod',
    { 'spec.containers': [{ name: 'web', image: 'web:1', securityContext: { windowsOptions: { runAsUserName: 'a'.repeat(300) } } }] },
    `spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": runAsUserName's User length must not be longer than 104 characters`,
  ],
  ['/Pod', { 'spec.ephemeralContainers': [{ name: 'd', image: 'a' }] }, 'spec.ephemeralContainers: Forbidden: cannot be set on create'],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));
