// Faults of nodes, configuration, quotas, RBAC, autoscalers, policies and devices: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { CONFIG_KEY, LABEL, LABEL_VALUE, QUALIFIED, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  [
    '/Node',
    { 'spec.taints': [{ key: '', effect: '' }] },
    'metadata.taints[0].key: Invalid value: "": name part must be non-empty',
    `metadata.taints[0].key: Invalid value: "": ${QUALIFIED}`,
    'metadata.taints[0].effect: Required value',
  ],
  [
    '/Node',
    {
      'spec.taints': [
        { key: 'a', value: 'b c', effect: 'NoSchedule' },
        { key: 'a', effect: 'NoSchedule' },
      ],
    },
    `metadata.taints[0].value: Invalid value: "b c": ${LABEL_VALUE}`,
    'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
  ],
  [
    '/Node',
    { 'spec.podCIDR': 'x', 'spec.podCIDRs': ['x'] },
    'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    '/Node',
    { 'spec.podCIDR': '10.0.0.0/24', 'spec.podCIDRs': ['10.0.0.0/24', '10.0.1.0/24'] },
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
  ],
  [
    '/Node',
    { 'spec.podCIDR': '10.0.0.0/24', 'spec.podCIDRs': ['10.0.0.0/24', '10.0.0.0/24'] },
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
  ],
  [
    '/Node',
    { 'status.capacity': { pods: '1500m', 'a b': '1', cpu: '-1' } },
    'status.capacity.pods: Invalid value: "1500m": must be an integer',
    'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
    'status.allocatable.pods: Invalid value: "1500m": must be an integer',
    'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    '/Namespace',
    { 'spec.finalizers': ['mine'] },
    'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  ['/ConfigMap', { data: { toString: 'x' }, binaryData: { a: 'AA==' } }],
  ['/ConfigMap', { data: { a: 'x' }, binaryData: { a: 'AA==' } }, 'data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ['/Secret', { type: 'kubernetes.io/service-account-token' }, 'metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ['/Secret', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e30' } }],
  [
    '/Secret',
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } },
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character in JSON text',
  ],
  ['/Secret', { type: 'kubernetes.io/dockercfg' }, 'data[.dockercfg]: Required value'],
  ['/Secret', { type: 'kubernetes.io/basic-auth' }, 'data[username]: Required value', 'data[password]: Required value'],
  ['/Secret', { type: 'kubernetes.io/ssh-auth' }, 'data[ssh-privatekey]: Required value'],
  ['/Secret', { type: 'kubernetes.io/tls' }, 'data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ['/Secret', { data: { 'a b': '' } }, `data[a b]: Invalid value: "a b": ${CONFIG_KEY}`],
  [
    '/ResourceQuota',
    { 'spec.hard': { foo: '1', pods: '-1' } },
    'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
    'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
    'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  ['/ResourceQuota', { 'spec.scopes': ['All'] }, 'spec.scopes: Invalid value: ["All"]: unsupported scope'],
  [
    '/ResourceQuota',
    { 'spec.scopes': ['BestEffort', 'NotBestEffort'], 'spec.hard': { pods: '1' } },
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
  ],
  [
    '/ResourceQuota',
    { 'spec.scopes': ['BestEffort'], 'spec.hard': { 'requests.cpu': '1' } },
    'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
  ],
  [
    '/ResourceQuota',
    { 'spec.scopeSelector': { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } },
    "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
  ],
  [
    '/ResourceQuota',
    { 'spec.scopeSelector': { matchExpressions: [{ scopeName: 'Terminating', operator: 'In', values: ['a'] }] } },
    `spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
  ],
  [
    '/LimitRange',
    { 'spec.limits': [{ type: '' }] },
    'spec.limits[0].type: Invalid value: "": name part must be non-empty',
    `spec.limits[0].type: Invalid value: "": ${QUALIFIED}`,
  ],
  [
    '/LimitRange',
    { 'spec.limits': [{ type: 'Pod', default: { cpu: '1' } }] },
    "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
  ],
  [
    '/LimitRange',
    { 'spec.limits': [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] },
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
    'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
  ],
  [
    '/LimitRange',
    { 'spec.limits': [{ type: 'PersistentVolumeClaim' }] },
    'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ],
  [
    '/LimitRange',
    { 'spec.limits': [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '3' } }] },
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2',
    'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
  ],
  [
    '/LimitRange',
    { 'spec.limits': [{ type: 'Container', maxLimitRequestRatio: { cpu: '500m' } }] },
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
  ],
  ['/LimitRange', { 'spec.limits': [{ type: 'Container' }, { type: 'Container' }] }, 'spec.limits[1].type: Duplicate value: "Container"'],
  [
    'rbac.authorization.k8s.io/Role',
    { rules: [{ verbs: [] }] },
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ],
  [
    'rbac.authorization.k8s.io/Role',
    { rules: [{ verbs: ['get'] }] },
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ],
  [
    'rbac.authorization.k8s.io/Role',
    { rules: [{ verbs: ['get'], resources: ['pods'] }] },
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
  ],
  [
    'rbac.authorization.k8s.io/Role',
    { rules: [{ verbs: ['get'], resources: ['pods'], apiGroups: [''], nonResourceURLs: ['/'] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/"]: namespaced rules cannot apply to non-resource URLs',
    'rules[0].nonResourceURLs: Invalid value: ["/"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRole',
    { rules: [{ verbs: ['get'], resources: ['a'], apiGroups: [''], nonResourceURLs: ['/'] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRole',
    { aggregationRule: { clusterRoleSelectors: [] } },
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRole',
    { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'a b': 'c' } }] } },
    `aggregationRule.clusterRoleSelectors[0].matchLabels: Invalid value: "a b": ${QUALIFIED}`,
    'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRole',
    { aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a b', operator: 'In', values: ['c d'] }] }] } },
    `aggregationRule.clusterRoleSelectors[0].matchExpressions[0].key: Invalid value: "a b": ${QUALIFIED}`,
    `aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values[0]: Invalid value: "c d": ${LABEL_VALUE}`,
    'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
  ],
  [
    'policy/PodDisruptionBudget',
    { 'spec.selector': { matchExpressions: [{ key: '', operator: 'In' }] } },
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    'spec.selector.matchExpressions[0].key: Invalid value: "": name part must be non-empty',
    `spec.selector.matchExpressions[0].key: Invalid value: "": ${QUALIFIED}`,
  ],
  [
    'rbac.authorization.k8s.io/RoleBinding',
    { roleRef: { apiGroup: 'a', kind: 'Pod', name: '' } },
    'roleRef.apiGroup: Unsupported value: "a": supported values: "rbac.authorization.k8s.io"',
    'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
    'roleRef.name: Required value',
  ],
  [
    'rbac.authorization.k8s.io/RoleBinding',
    { subjects: [{ kind: 'ServiceAccount', name: 'A_' }] },
    `subjects[0].name: Invalid value: "A_": ${SUBDOMAIN}`,
  ],
  [
    'rbac.authorization.k8s.io/RoleBinding',
    { subjects: [{ kind: 'User', name: '', apiGroup: 'a' }] },
    'subjects[0].name: Required value',
    'subjects[0].apiGroup: Unsupported value: "a": supported values: "rbac.authorization.k8s.io"',
  ],
  [
    'rbac.authorization.k8s.io/RoleBinding',
    { subjects: [{ kind: 'Robot', name: 'a' }] },
    'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRoleBinding',
    { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' } },
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRoleBinding',
    { subjects: [{ kind: 'ServiceAccount', name: 'a' }] },
    'subjects[0].namespace: Required value',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.minReplicas': 0 },
    'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
    'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.maxReplicas': 0 },
    'spec.maxReplicas: Required value: must be set and greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.minReplicas': 9 },
    'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.scaleTargetRef': { kind: '', name: 'a/b' } },
    'spec.scaleTargetRef.kind: Required value',
    `spec.scaleTargetRef.name: Invalid value: "a/b": may not contain '/'`,
    'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.scaleTargetRef': { apiVersion: 'a/b/c', kind: 'Web', name: 'a' } },
    'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
  ],
  ['autoscaling/HorizontalPodAutoscaler', { 'spec.scaleTargetRef': { apiVersion: 'v1', kind: 'ReplicationController', name: 'a' } }],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.scaleTargetRef': { apiVersion: 'v1', kind: 'Deployment', name: 'a' } },
    'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.metrics': [{ type: 'Magic' }] },
    'spec.metrics[0].type: Unsupported value: "Magic": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    'spec.metrics[0].type: Unsupported value: "Magic": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.metrics': [{ type: 'Resource' }] },
    'spec.metrics[0].resource: Required value: must populate information for the given metric source',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.metrics': [{ type: 'Pods', pods: { metric: { name: '' }, target: { type: 'Value', value: '1' } } }] },
    'spec.metrics[0].pods.metric.name: Required value: must specify a metric name',
    'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {
      'spec.metrics': [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0, averageValue: '1' } } },
      ],
    },
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
    'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {
      'spec.metrics': [
        { type: 'Object', object: { describedObject: { kind: '', name: '' }, metric: { name: 'm' }, target: { type: 'Value' } } },
      ],
    },
    'spec.metrics[0].object.describedObject.kind: Required value',
    'spec.metrics[0].object.describedObject.name: Required value',
    'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {
      'spec.metrics': [
        { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '-1', averageValue: '1' } } },
      ],
    },
    'spec.metrics[0].external.target.value: Invalid value: "-1": must be positive',
    'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {
      'spec.metrics': [
        { type: 'ContainerResource', containerResource: { container: '', name: 'cpu', target: { type: 'Value', value: '1' } } },
      ],
    },
    'spec.metrics[0].containerResource.container: Required value: must specify a container',
    'spec.metrics[0].containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.metrics': [{ type: 'Resource', pods: { metric: { name: 'a' }, target: { type: 'AverageValue', averageValue: '1' } } }] },
    'spec.metrics[0].resource: Required value: must populate information for the given metric source',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {
      'spec.behavior': {
        scaleUp: { selectPolicy: 'X', stabilizationWindowSeconds: 4000, policies: [{ type: 'X', value: 0, periodSeconds: 2000 }] },
      },
    },
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
    'spec.behavior.scaleUp.selectPolicy: Unsupported value: "X": supported values: "Disabled", "Max", "Min"',
    'spec.behavior.scaleUp.policies[0].type: Unsupported value: "X": supported values: "Percent", "Pods"',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler',
    { 'spec.behavior': { scaleDown: { policies: [], tolerance: '-1' } } },
    'spec.behavior.scaleDown.policies: Required value: must specify at least one Policy',
    'spec.behavior.scaleDown.tolerance: Invalid value: "-1": must be greater than or equal to 0',
  ],
  ['autoscaling/Scale', { 'spec.replicas': -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  [
    'policy/PodDisruptionBudget',
    { 'spec.maxUnavailable': 1 },
    'spec: Invalid value: {"minAvailable":1,"selector":{"matchLabels":{"app":"web"}},"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
  ],
  [
    'policy/PodDisruptionBudget',
    { 'spec.minAvailable': 'x' },
    `spec.minAvailable: Invalid value: "x": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
  ],
  [
    'policy/PodDisruptionBudget',
    { 'spec.selector': { matchLabels: { 'a b': 'c' } } },
    `spec.selector.matchLabels: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    'scheduling.k8s.io/PriorityClass',
    { 'metadata.name': 'system-x' },
    `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class`,
  ],
  [
    'scheduling.k8s.io/PriorityClass',
    { preemptionPolicy: 'X' },
    'preemptionPolicy: Unsupported value: "X": supported values: "PreemptLowerPriority", "Never"',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest',
    { 'spec.request': 'eA==' },
    'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST',
  ],
  ['certificates.k8s.io/CertificateSigningRequest', { 'spec.usages': [] }, 'spec.usages: Required value'],
  [
    'certificates.k8s.io/CertificateSigningRequest',
    { 'spec.usages': ['flying', 'client auth', 'client auth'] },
    'spec.usages[0]: Unsupported value: "flying": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"',
    'spec.usages[2]: Duplicate value: "client auth"',
  ],
  ['scheduling.k8s.io/PriorityClass', { preemptionPolicy: '' }, 'preemptionPolicy: Required value'],
  [
    'certificates.k8s.io/CertificateSigningRequest',
    { 'spec.signerName': 'a' },
    `spec.signerName: Invalid value: "a": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
  ],
  ['certificates.k8s.io/CertificateSigningRequest', { 'spec.signerName': '' }, 'spec.signerName: Required value'],
  [
    'certificates.k8s.io/CertificateSigningRequest',
    { 'spec.expirationSeconds': 5 },
    'spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)',
  ],
  ['coordination.k8s.io/Lease', { 'spec.leaseDurationSeconds': 0 }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  [
    'coordination.k8s.io/Lease',
    { 'spec.leaseTransitions': -1 },
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ],
  ['coordination.k8s.io/Lease', { 'spec.holderIdentity': '' }],
  ['node.k8s.io/RuntimeClass', { handler: 'A_' }, `handler: Invalid value: "A_": ${LABEL}`],
  ['node.k8s.io/RuntimeClass', { handler: '' }, 'handler: Required value'],
  [
    'node.k8s.io/RuntimeClass',
    { 'overhead.podFixed': { cpu: '-1' } },
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    'node.k8s.io/RuntimeClass',
    { scheduling: { nodeSelector: { 'a b': 'c' }, tolerations: [{ operator: 'X', key: 'a' }] } },
    `scheduling.nodeSelector: Invalid value: "a b": ${QUALIFIED}`,
    'scheduling.tolerations[0].operator: Unsupported value: "X": supported values: "Equal", "Exists"',
  ],
  [
    'node.k8s.io/RuntimeClass',
    { scheduling: { tolerations: [{ key: 'a' }, { key: 'a', tolerationSeconds: 5 }] } },
    'scheduling.tolerations[1].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"","Value":"","Effect":"","TolerationSeconds":5}',
  ],
  ['resource.k8s.io/DeviceClass', { 'spec.selectors': [{}] }, 'spec.selectors[0].cel: Required value'],
  ['resource.k8s.io/DeviceClass', { 'spec.selectors': [{ cel: { expression: '' } }] }],
  ['resource.k8s.io/DeviceClass', { 'spec.config': [{}] }, 'spec.config[0].opaque: Required value'],
  [
    'resource.k8s.io/DeviceClass',
    { 'spec.extendedResourceName': 'cpu' },
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ],
  [
    'resource.k8s.io/ResourceClaim',
    { 'spec.devices': { requests: [{ name: 'A' }] } },
    `spec.devices.requests[0].name: Invalid value: "A": ${LABEL}`,
    'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ],
  [
    'resource.k8s.io/ResourceClaim',
    {
      'spec.devices': {
        requests: [
          { name: 'a', exactly: { deviceClassName: '' } },
          { name: 'a', exactly: { deviceClassName: 'g', allocationMode: 'Some' } },
        ],
      },
    },
    'spec.devices.requests[0].exactly.deviceClassName: Required value',
    'spec.devices.requests[1].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
    'spec.devices.requests[1]: Duplicate value: "a"',
  ],
  [
    'resource.k8s.io/ResourceClaim',
    { 'spec.devices.requests.0.exactly': { deviceClassName: 'g', allocationMode: 'All', count: 2 } },
    `spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`,
  ],
  [
    'resource.k8s.io/ResourceClaim',
    { 'spec.devices.constraints': [{ requests: ['gone'] }] },
    `spec.devices.constraints[0].requests[0]: Invalid value: "gone": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
    'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
  ],
  [
    'resource.k8s.io/ResourceClaim',
    { 'spec.devices.config': [{ requests: ['gone'], opaque: { driver: 'A_', parameters: 5 } }] },
    `spec.devices.config[0].requests[0]: Invalid value: "gone": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
    `spec.devices.config[0].opaque.driver: Invalid value: "A_": ${SUBDOMAIN}`,
    'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
  ],
  ['resource.k8s.io/ResourceSlice', { 'spec.driver': 'A_' }, `spec.driver: Invalid value: "A_": ${SUBDOMAIN}`],
  [
    'resource.k8s.io/ResourceSlice',
    { 'spec.nodeName': undefined },
    'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
  ],
  [
    'resource.k8s.io/ResourceSlice',
    { 'spec.allNodes': true },
    'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
  ],
  [
    'resource.k8s.io/ResourceSlice',
    { 'spec.pool': { name: '', generation: -1, resourceSliceCount: 0 } },
    'spec.pool.name: Required value',
    'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
    'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
  ],
  [
    'resource.k8s.io/ResourceSlice',
    { 'spec.devices': [{ name: 'A' }, { name: 'a' }, { name: 'a', attributes: { 'a b': { int: 1, bool: true }, c: {} } }] },
    `spec.devices[0].name: Invalid value: "A": ${LABEL}`,
    `spec.devices[2].attributes: Invalid value: "a b": a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')`,
    'spec.devices[2].attributes[a b]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified',
    'spec.devices[2].attributes[c]: Invalid value: "": exactly one value must be specified',
    'spec.devices[2]: Duplicate value: "a"',
  ],
  [
    'resource.k8s.io/ResourceSlice',
    { 'spec.devices.0.bindingConditions': ['a b', 'c', 'c'], 'spec.devices.0.bindingFailureConditions': ['c', 'd e'] },
    `spec.devices[0].bindingConditions[0]: Invalid value: "a b": ${QUALIFIED}`,
    `spec.devices[0].bindingFailureConditions[1]: Invalid value: "d e": ${QUALIFIED}`,
    'spec.devices[0].bindingConditions[2]: Duplicate value: "c"',
    'spec.devices[0].bindingFailureConditions[0]: Invalid value: "c": bindingFailureConditions must not overlap with bindingConditions',
  ],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));
