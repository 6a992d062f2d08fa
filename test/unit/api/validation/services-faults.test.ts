// Faults of Services, endpoints, ingresses and network policies: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { ADDRESS, LABEL, LABEL_VALUE, QUALIFIED, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  ['/Service', { 'spec.ports': [] }, 'spec.ports: Required value'],
  [
    '/Service',
    { 'spec.ports': [{ port: 70000, targetPort: 'A_b', protocol: 'X', appProtocol: 'a b' }] },
    'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
    'spec.ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    'spec.ports[0].targetPort: Invalid value: "A_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    `spec.ports[0].appProtocol: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    '/Service',
    {
      'spec.ports': [
        { name: 'a', port: 80 },
        { name: 'a', port: 80 },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
  ],
  [
    '/Service',
    { 'spec.ports': [{ name: 'A', port: 80, nodePort: 30000 }] },
    `spec.ports[0].name: Invalid value: "A": ${LABEL}`,
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    '/Service',
    {
      'spec.type': 'NodePort',
      'spec.ports': [
        { name: 'a', port: 80, nodePort: 30000 },
        { name: 'b', port: 81, nodePort: 30000 },
      ],
    },
    'spec.ports[1].nodePort: Duplicate value: 30000',
  ],
  [
    '/Service',
    { 'spec.type': 'Bridge' },
    'spec.type: Unsupported value: "Bridge": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [
    '/Service',
    { 'spec.type': 'NodePort', 'spec.clusterIP': 'None', 'spec.clusterIPs': ['None'] },
    `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`,
  ],
  [
    '/Service',
    { 'spec.type': 'ExternalName' },
    'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
    'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
    'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
    'spec.externalName: Required value',
  ],
  [
    '/Service',
    {
      'spec.type': 'ExternalName',
      'spec.externalName': '1 2',
      'spec.clusterIP': undefined,
      'spec.clusterIPs': undefined,
      'spec.ipFamilies': undefined,
      'spec.ipFamilyPolicy': undefined,
    },
    `spec.externalName: Invalid value: "1 2": ${SUBDOMAIN}`,
  ],
  [
    '/Service',
    { 'spec.sessionAffinity': 'Cookie' },
    'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
  ],
  [
    '/Service',
    { 'spec.sessionAffinity': 'ClientIP', 'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: 100000 } } },
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 100000: must be greater than 0 and less than 86400',
  ],
  ['/Service', { 'spec.clusterIP': '10.43.0.8' }, 'spec.clusterIPs: Invalid value: ["10.43.0.7"]: first value must match `clusterIP`'],
  [
    '/Service',
    { 'spec.clusterIPs': ['10.43.0.7', '10.43.0.8'] },
    'spec.clusterIPs: Invalid value: ["10.43.0.7","10.43.0.8"]: may specify no more than one IP for each IP family',
  ],
  [
    '/Service',
    { 'spec.clusterIPs': ['10.43.0.7', 'fd00::1', 'fd00::2'] },
    'spec.clusterIPs: Invalid value: ["10.43.0.7","fd00::1","fd00::2"]: may only hold up to 2 values',
  ],
  ['/Service', { 'spec.clusterIP': 'x', 'spec.clusterIPs': ['x'] }, `spec.clusterIPs[0]: Invalid value: "x": ${ADDRESS}`],
  [
    '/Service',
    { 'spec.ipFamilies': ['IPv6'] },
    'spec.clusterIPs[0]: Invalid value: "10.43.0.7": expected an IPv6 value as indicated by `ipFamilies[0]`',
  ],
  [
    '/Service',
    { 'spec.ipFamilies': ['IPv5', 'IPv4', 'IPv4'], 'spec.ipFamilyPolicy': 'Both' },
    'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
    'spec.ipFamilies[2]: Duplicate value: "IPv4"',
    'spec.ipFamilyPolicy: Unsupported value: "Both": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    '/Service',
    { 'spec.externalIPs': ['127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1', 'x'] },
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'spec.externalIPs[1]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
    'spec.externalIPs[2]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    'spec.externalIPs[3]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    `spec.externalIPs[4]: Invalid value: "x": ${ADDRESS}`,
  ],
  [
    '/Service',
    { 'spec.selector': { 'a b': 'c d' } },
    `spec.selector: Invalid value: "a b": ${QUALIFIED}`,
    `spec.selector: Invalid value: "c d": ${LABEL_VALUE}`,
  ],
  [
    '/Service',
    { 'spec.loadBalancerSourceRanges': ['10.0.0.0/8'] },
    "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    '/Service',
    { 'spec.type': 'LoadBalancer', 'spec.loadBalancerSourceRanges': ['10.0.0.0/33'] },
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    '/Service',
    { 'spec.loadBalancerClass': 'a.example/b', 'spec.allocateLoadBalancerNodePorts': true },
    "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    '/Service',
    { 'spec.type': 'LoadBalancer', 'spec.loadBalancerClass': 'a b' },
    `spec.loadBalancerClass: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    '/Service',
    { 'spec.externalTrafficPolicy': 'Local' },
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    '/Service',
    { 'spec.type': 'NodePort', 'spec.externalTrafficPolicy': 'Near', 'spec.healthCheckNodePort': 30000 },
    'spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
    "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    '/Service',
    { 'spec.internalTrafficPolicy': 'Near', 'spec.trafficDistribution': 'Near' },
    'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
    'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
  ],
  [
    '/Service',
    { 'metadata.annotations': { 'service.kubernetes.io/topology-aware-hints': 'a', 'service.kubernetes.io/topology-mode': 'b' } },
    'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "b": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
  ],
  [
    '/Endpoints',
    { subsets: [{ addresses: [{ ip: '127.0.0.1', hostname: 'A', nodeName: 'A_' }] }] },
    `subsets[0].addresses[0].hostname: Invalid value: "A": ${LABEL}`,
    `subsets[0].addresses[0].nodeName: Invalid value: "A_": ${SUBDOMAIN}`,
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  ['/Endpoints', { subsets: [{}] }, 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  [
    '/Endpoints',
    { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 0, protocol: 'X' }, { port: 80 }] }] },
    'subsets[0].ports[0].name: Required value',
    'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'subsets[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    'subsets[0].ports[1].name: Required value',
  ],
  [
    'discovery.k8s.io/EndpointSlice',
    { addressType: 'IPX' },
    'addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"',
  ],
  ['discovery.k8s.io/EndpointSlice', { addressType: 'FQDN' }],
  [
    'discovery.k8s.io/EndpointSlice',
    { endpoints: [{ addresses: [] }] },
    'endpoints[0].addresses: Required value: must contain at least 1 address',
  ],
  ['discovery.k8s.io/EndpointSlice', { endpoints: [{ addresses: ['10.0.0.1', '10.0.0.1'] }] }],
  ['discovery.k8s.io/EndpointSlice', { ports: [{ port: 80 }, { port: 81 }] }, 'ports[1].name: Duplicate value: ""'],
  [
    'discovery.k8s.io/EndpointSlice',
    { ports: [{ name: 'A', port: 0, protocol: 'X', appProtocol: 'a b' }] },
    `ports[0].name: Invalid value: "A": ${LABEL}`,
    'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    `ports[0].appProtocol: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    'discovery.k8s.io/EndpointSlice',
    {
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          hostname: 'A',
          nodeName: 'A_',
          deprecatedTopology: { 'kubernetes.io/hostname': 'a', 'topology.kubernetes.io/zone': 'b' },
          hints: { forZones: [{ name: 'a b' }, { name: '' }, { name: '' }], forNodes: [{ name: 'A_' }] },
        },
      ],
      ports: [{ port: 80, protocol: 'X' }],
    },
    'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    `endpoints[0].nodeName: Invalid value: "A_": ${SUBDOMAIN}`,
    'endpoints[0].deprecatedTopology[topology.kubernetes.io/zone]: Internal error: reserved key was not removed in conversion',
    `endpoints[0].hostname: Invalid value: "A": ${LABEL}`,
    `endpoints[0].hints.forZones[0].name: Invalid value: "a b": ${LABEL_VALUE}`,
    'endpoints[0].hints.forZones[2].name: Duplicate value: ""',
    `endpoints[0].hints.forNodes[0].name: Invalid value: "A_": ${SUBDOMAIN}`,
  ],
  [
    'discovery.k8s.io/EndpointSlice',
    { endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: Array.from({ length: 9 }, () => ({ name: 'a b' })) } }] },
    'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules': undefined },
    'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.host': '1.2.3.4' },
    'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ],
  ['networking.k8s.io/Ingress', { 'spec.rules.0.host': 'A_b' }, `spec.rules[0].host: Invalid value: "A_b": ${SUBDOMAIN}`],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.host': '*.*' },
    `spec.rules[0].host: Invalid value: "*.*": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  ],
  ['networking.k8s.io/Ingress', { 'spec.rules.0.http.paths': [] }, 'spec.rules[0].http.paths: Required value'],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.pathType': 'Regex' },
    'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.path': 'a' },
    'spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.path': '/a//b' },
    `spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain '//'`,
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.path': '/a%2fb/../c' },
    `spec.rules[0].http.paths[0].path: Invalid value: "/a%2fb/../c": must not contain '/../'`,
    `spec.rules[0].http.paths[0].path: Invalid value: "/a%2fb/../c": must not contain '%2f'`,
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.backend': {} },
    'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.backend': { service: { name: '', port: {} } } },
    'spec.rules[0].http.paths[0].backend.service.name: Required value',
    'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.backend': { service: { name: 'a', port: { name: 'b', number: 1 } } } },
    'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.rules.0.http.paths.0.backend': { service: { name: 'a', port: { number: 70000 } }, resource: { kind: '', name: '' } } },
    'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both resource and service backends',
  ],
  [
    'networking.k8s.io/Ingress',
    { 'spec.tls': [{ hosts: ['A_'], secretName: 'A_' }] },
    `spec.tls[0].hosts[0]: Invalid value: "A_": ${SUBDOMAIN}`,
    `spec.tls[0].secretName: Invalid value: "A_": ${SUBDOMAIN}`,
  ],
  ['networking.k8s.io/Ingress', { 'spec.ingressClassName': 'A_' }, `spec.ingressClassName: Invalid value: "A_": ${SUBDOMAIN}`],
  [
    'networking.k8s.io/Ingress',
    { 'metadata.annotations': { 'kubernetes.io/ingress.class': 'a' } },
    'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
  ],
  ['networking.k8s.io/Ingress', { 'spec.defaultBackend': { service: { name: '1a', port: { number: 1 } } } }],
  [
    'networking.k8s.io/IngressClass',
    { 'spec.controller': 'a' },
    'spec.controller: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  ['networking.k8s.io/IngressClass', { 'spec.controller': '' }, 'spec.controller: Required value'],
  [
    'networking.k8s.io/IngressClass',
    { 'spec.parameters': { kind: 'A', name: '', scope: 'Both' } },
    'spec.parameters.name: Required value',
    'spec.parameters.scope: Unsupported value: "Both": supported values: "Cluster", "Namespace"',
  ],
  [
    'networking.k8s.io/IngressClass',
    { 'spec.parameters': { kind: 'a', name: 'b', scope: 'Namespace' } },
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
  ],
  [
    'networking.k8s.io/IngressClass',
    { 'spec.parameters': { kind: 'a', name: 'b', scope: 'Cluster', namespace: 'n' } },
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    { 'spec.policyTypes': ['In'] },
    'spec.policyTypes[0]: Unsupported value: "In": supported values: "Ingress", "Egress"',
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    { 'spec.policyTypes': ['Ingress', 'Egress', 'Ingress'] },
    'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
  ],
  ['networking.k8s.io/NetworkPolicy', { 'spec.ingress': [{ from: [{}] }] }, 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [
    'networking.k8s.io/NetworkPolicy',
    { 'spec.ingress': [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] },
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    { 'spec.ingress': [{ from: [{ ipBlock: { cidr: 'x' } }] }] },
    'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    { 'spec.ingress': [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8', 'x'] } }] }] },
    'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
    'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
    'spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    {
      'spec.ingress': [
        {
          ports: [
            { port: 0, protocol: 'X' },
            { port: 'A_', endPort: 5 },
            { endPort: 5 },
            { port: 80, endPort: 79 },
            { port: 80, endPort: 70000 },
          ],
        },
      ],
    },
    'spec.ingress[0].ports[0].protocol: Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"',
    'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.ingress[0].ports[1].endPort: Invalid value: 5: may not be specified when `port` is non-numeric',
    'spec.ingress[0].ports[1].port: Invalid value: "A_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    'spec.ingress[0].ports[1].port: Invalid value: "A_": must contain at least one letter (a-z)',
    'spec.ingress[0].ports[2].endPort: Invalid value: 5: may not be specified when `port` is not specified',
    'spec.ingress[0].ports[3].endPort: Invalid value: 79: must be greater than or equal to `port`',
    'spec.ingress[0].ports[4].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    'networking.k8s.io/NetworkPolicy',
    { 'spec.podSelector': { matchLabels: { 'a b': 'c' } } },
    `spec.podSelector.matchLabels: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    'networking.k8s.io/IPAddress',
    { 'spec.parentRef': { resource: '', name: '' } },
    'spec.parentRef.resource: Required value',
    'spec.parentRef.name: Required value',
  ],
  ['networking.k8s.io/IPAddress', { 'metadata.name': '010.0.0.1' }, 'metadata.name: Invalid value: "010.0.0.1": must not have leading 0s'],
  [
    'networking.k8s.io/IPAddress',
    { 'metadata.name': '::ffff:10.0.0.1' },
    'metadata.name: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address',
  ],
  [
    'networking.k8s.io/IPAddress',
    { 'metadata.name': '2001:db8:0::1' },
    'metadata.name: Invalid value: "2001:db8:0::1": must be in canonical form ("2001:db8::1")',
  ],
  [
    'networking.k8s.io/ServiceCIDR',
    { 'spec.cidrs': ['10.0.0.0/024', '10.0.0.1/24'] },
    'spec.cidrs[0]: Invalid value: "10.0.0.0/024": must not have leading 0s in IP or prefix length',
    'spec.cidrs[1]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
  ],
  [
    'networking.k8s.io/ServiceCIDR',
    { 'spec.cidrs': ['::ffff:10.0.0.0/120', '2001:DB8::/64'] },
    'spec.cidrs[0]: Invalid value: "::ffff:10.0.0.0/120": must not have an IPv4-mapped IPv6 address',
    'spec.cidrs[1]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")',
    'spec.cidrs: Invalid value: ["::ffff:10.0.0.0/120","2001:DB8::/64"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));
