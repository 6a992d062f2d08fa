// Objects that the API server takes, by resource.

import type { ResourceInfo } from '../../src/api/resources.ts';
import type { Random } from './random.ts';

const container = { name: 'a', image: 'x', ports: [{ containerPort: 80, name: 'http' }], env: [{ name: 'E', value: '1' }] };
const podSpec = { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] };
const template = { metadata: { labels: { app: 'web' } }, spec: podSpec };
const selector = { matchLabels: { app: 'web' } };
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const quantities = { cpu: '100m', memory: '1Gi' };

const SOUND: Readonly<Record<string, object>> = {
  configmaps: { data: { a: '1' }, binaryData: { b: 'AAA=' } },
  secrets: { type: 'Opaque', data: { a: 'YQ==' }, stringData: { b: 'x' } },
  pods: { spec: podSpec },
  podtemplates: { template },
  services: { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] } },
  serviceaccounts: { automountServiceAccountToken: false },
  namespaces: {},
  nodes: { spec: { podCIDR: '10.42.9.0/24' } },
  endpoints: { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  limitranges: { spec: { limits: [{ type: 'Container', max: quantities }] } },
  resourcequotas: { spec: { hard: { pods: '1000' } } },
  persistentvolumes: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } },
  persistentvolumeclaims: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  replicationcontrollers: { spec: { replicas: 1, selector: { app: 'web' }, template } },
  'deployments.apps': { spec: { replicas: 1, selector, template } },
  'replicasets.apps': { spec: { replicas: 1, selector, template } },
  'statefulsets.apps': { spec: { serviceName: 's', selector, template } },
  'daemonsets.apps': { spec: { selector, template } },
  'controllerrevisions.apps': { revision: 1, data: { a: 1 } },
  'jobs.batch': { spec: { template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } } },
  'cronjobs.batch': {
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } } },
  },
  'horizontalpodautoscalers.autoscaling': {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'n1' } },
  },
  'ingresses.networking.k8s.io': { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
  'ingressclasses.networking.k8s.io': { spec: { controller: 'x.y/z' } },
  'networkpolicies.networking.k8s.io': { spec: { podSelector: {}, policyTypes: ['Ingress'] } },
  'roles.rbac.authorization.k8s.io': { rules },
  'clusterroles.rbac.authorization.k8s.io': { rules },
  'rolebindings.rbac.authorization.k8s.io': {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'n1' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'u' }],
  },
  'clusterrolebindings.rbac.authorization.k8s.io': {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'n1' },
    subjects: [],
  },
  'leases.coordination.k8s.io': { spec: { holderIdentity: 'x', leaseDurationSeconds: 10 } },
  'endpointslices.discovery.k8s.io': {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  },
  'poddisruptionbudgets.policy': { spec: { minAvailable: 1, selector } },
  'priorityclasses.scheduling.k8s.io': { value: 1000 },
  'runtimeclasses.node.k8s.io': { handler: 'runc' },
  'storageclasses.storage.k8s.io': { provisioner: 'x.y/z' },
  'csidrivers.storage.k8s.io': { spec: { attachRequired: false } },
  'tokenreviews.authentication.k8s.io': { spec: { token: 'x' } },
  'subjectaccessreviews.authorization.k8s.io': { spec: { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods' } } },
  'selfsubjectaccessreviews.authorization.k8s.io': { spec: { nonResourceAttributes: { path: '/x', verb: 'get' } } },
};

/** A sound object of a resource, without metadata; undefined where none is known. The caller may change it. */
export function soundObject(info: ResourceInfo, random: Random): Record<string, unknown> | undefined {
  const sound = SOUND[info.group === '' ? info.resource : `${info.resource}.${info.group}`];
  if (!sound) return undefined;
  const copy = structuredClone(sound) as Record<string, unknown>; // A table of plain objects.
  const { spec } = copy;
  if (typeof spec === 'object' && spec !== null && 'replicas' in spec) spec.replicas = random.int(5);
  return copy;
}
