// The FlowSchemas and PriorityLevelConfigurations that a cluster starts with: upstream's mandatory ones, which stay as they are, and its
// suggested ones, which an administrator may take over. Numbers and names are upstream's.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#defaults

import type {
  FlowSchema,
  NonResourcePolicyRule,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from './types/flowcontrol-v1.gen.ts';

/** Says whether the server keeps an object's spec as this table has it. */
export const AUTO_UPDATE_ANNOTATION = 'apf.kubernetes.io/autoupdate-spec';
/** The level and the schema of what is never held back. */
export const EXEMPT = 'exempt';
/** The level and the schema of what nothing else matches. */
export const CATCH_ALL = 'catch-all';

/** Objects of both kinds. */
export interface FlowControlObjects {
  readonly schemas: readonly FlowSchema[];
  readonly levels: readonly PriorityLevelConfiguration[];
}

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
const ALL = ['*'];
const EVERY_RESOURCE: ResourcePolicyRule[] = [{ verbs: ALL, apiGroups: ALL, resources: ALL, clusterScope: true, namespaces: ALL }];
const EVERY_PATH: NonResourcePolicyRule[] = [{ verbs: ALL, nonResourceURLs: ALL }];
const EVERYBODY = ['system:unauthenticated', 'system:authenticated'];
const LEADER_VERBS = ['get', 'create', 'update'];

const metadata = (name: string) => ({ name, annotations: { [AUTO_UPDATE_ANNOTATION]: 'true' } });
const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const kubeSystemAccounts = (...names: string[]): Subject[] =>
  names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } }));
const KUBE_SYSTEM_ACCOUNTS = kubeSystemAccounts('*');

const namespaced = (verbs: string[], group: string, resources: string[]): ResourcePolicyRule => ({
  verbs,
  apiGroups: [group],
  resources,
  namespaces: ALL,
});

type Rules = { resourceRules?: ResourcePolicyRule[]; nonResourceRules?: NonResourcePolicyRule[] };
const EVERYTHING: Rules = { resourceRules: EVERY_RESOURCE, nonResourceRules: EVERY_PATH };

interface SchemaRow {
  readonly name: string;
  readonly level: string;
  readonly precedence: number;
  readonly distinguisher?: 'ByUser' | 'ByNamespace';
  readonly subjects: Subject[];
  readonly rules?: Rules;
}

function schema({ name, level, precedence, distinguisher, subjects, rules = EVERYTHING }: SchemaRow): FlowSchema {
  return {
    apiVersion: API_VERSION,
    kind: 'FlowSchema',
    metadata: metadata(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(distinguisher && { distinguisherMethod: { type: distinguisher } }),
      rules: [{ subjects, ...rules }],
    },
    status: {},
  };
}

type LimitedSpec = NonNullable<PriorityLevelConfiguration['spec']['limited']>;

function limited(name: string, limits: Omit<LimitedSpec, 'limitResponse'>, queuing?: readonly [queues: number, handSize: number]) {
  const response: LimitedSpec['limitResponse'] = queuing
    ? { type: 'Queue', queuing: { queues: queuing[0], handSize: queuing[1], queueLengthLimit: 50 } }
    : { type: 'Reject' };
  const level: PriorityLevelConfiguration = {
    apiVersion: API_VERSION,
    kind: 'PriorityLevelConfiguration',
    metadata: metadata(name),
    spec: { type: 'Limited', limited: { ...limits, limitResponse: response } },
    status: {},
  };
  return level;
}

/** Upstream's mandatory objects. */
export const MANDATORY_FLOW_CONTROL: FlowControlObjects = {
  schemas: [
    schema({ name: EXEMPT, level: EXEMPT, precedence: 1, subjects: groups('system:masters') }),
    schema({ name: CATCH_ALL, level: CATCH_ALL, precedence: 10_000, distinguisher: 'ByUser', subjects: groups(...EVERYBODY) }),
  ],
  levels: [
    {
      apiVersion: API_VERSION,
      kind: 'PriorityLevelConfiguration',
      metadata: metadata(EXEMPT),
      spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
      status: {},
    },
    limited(CATCH_ALL, { nominalConcurrencyShares: 5, lendablePercent: 0 }),
  ],
};

const SUGGESTED_SCHEMAS: readonly FlowSchema[] = [
  schema({
    name: 'probes',
    level: EXEMPT,
    precedence: 2,
    subjects: groups(...EVERYBODY),
    rules: { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] },
  }),
  schema({
    name: 'system-leader-election',
    level: 'leader-election',
    precedence: 100,
    distinguisher: 'ByUser',
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...KUBE_SYSTEM_ACCOUNTS],
    rules: { resourceRules: [namespaced(LEADER_VERBS, 'coordination.k8s.io', ['leases'])] },
  }),
  schema({
    name: 'endpoint-controller',
    level: 'workload-high',
    precedence: 150,
    distinguisher: 'ByUser',
    subjects: [
      ...users('system:kube-controller-manager'),
      ...kubeSystemAccounts('endpoint-controller', 'endpointslicemirroring-controller'),
    ],
    rules: { resourceRules: [namespaced(LEADER_VERBS, '', ['endpoints'])] },
  }),
  schema({
    name: 'workload-leader-election',
    level: 'leader-election',
    precedence: 200,
    distinguisher: 'ByUser',
    subjects: KUBE_SYSTEM_ACCOUNTS,
    rules: { resourceRules: [namespaced(LEADER_VERBS, 'coordination.k8s.io', ['leases'])] },
  }),
  schema({
    name: 'system-node-high',
    level: 'node-high',
    precedence: 400,
    distinguisher: 'ByUser',
    subjects: groups('system:nodes'),
    rules: {
      resourceRules: [
        { ...namespaced(ALL, '', ['nodes', 'nodes/status']), clusterScope: true },
        namespaced(ALL, 'coordination.k8s.io', ['leases']),
      ],
    },
  }),
  schema({ name: 'system-nodes', level: 'system', precedence: 500, distinguisher: 'ByUser', subjects: groups('system:nodes') }),
  ...['kube-controller-manager', 'kube-scheduler'].map((name) =>
    schema({ name, level: 'workload-high', precedence: 800, distinguisher: 'ByNamespace', subjects: users(`system:${name}`) }),
  ),
  schema({
    name: 'kube-system-service-accounts',
    level: 'workload-high',
    precedence: 900,
    distinguisher: 'ByNamespace',
    subjects: KUBE_SYSTEM_ACCOUNTS,
  }),
  schema({
    name: 'service-accounts',
    level: 'workload-low',
    precedence: 9_000,
    distinguisher: 'ByUser',
    subjects: groups('system:serviceaccounts'),
  }),
  schema({ name: 'global-default', level: 'global-default', precedence: 9_900, distinguisher: 'ByUser', subjects: groups(...EVERYBODY) }),
];

/** Upstream's suggested objects. */
export const SUGGESTED_FLOW_CONTROL: FlowControlObjects = {
  schemas: SUGGESTED_SCHEMAS,
  levels: [
    limited('system', { nominalConcurrencyShares: 30, lendablePercent: 33 }, [64, 6]),
    limited('node-high', { nominalConcurrencyShares: 40, lendablePercent: 25 }, [64, 6]),
    limited('leader-election', { nominalConcurrencyShares: 10, lendablePercent: 0 }, [16, 4]),
    limited('workload-high', { nominalConcurrencyShares: 40, lendablePercent: 50 }, [128, 6]),
    limited('workload-low', { nominalConcurrencyShares: 100, lendablePercent: 90 }, [128, 6]),
    limited('global-default', { nominalConcurrencyShares: 20, lendablePercent: 50 }, [128, 6]),
  ],
};
