// The built-in resources with the types of their objects, for use with a Client.

import type { KubeObject } from '../api/object.ts';
import { builtinResource } from '../api/resources.ts';
import type * as admissionregistration from '../api/types/admissionregistration-v1.gen.ts';
import type { CustomResourceDefinition } from '../api/types/apiextensions-v1.gen.ts';
import type { APIService } from '../api/types/apiregistration-v1.gen.ts';
import type * as apps from '../api/types/apps-v1.gen.ts';
import type * as authentication from '../api/types/authentication-v1.gen.ts';
import type * as authorization from '../api/types/authorization-v1.gen.ts';
import type * as batch from '../api/types/batch-v1.gen.ts';
import type * as certificates from '../api/types/certificates-v1.gen.ts';
import type * as coordination from '../api/types/coordination-v1.gen.ts';
import type * as core from '../api/types/core-v1.gen.ts';
import type * as discovery from '../api/types/discovery-v1.gen.ts';
import type * as flowcontrol from '../api/types/flowcontrol-v1.gen.ts';
import type * as networking from '../api/types/networking-v1.gen.ts';
import type * as node from '../api/types/node-v1.gen.ts';
import type * as policy from '../api/types/policy-v1.gen.ts';
import type * as rbac from '../api/types/rbac-v1.gen.ts';
import type * as scheduling from '../api/types/scheduling-v1.gen.ts';
import type * as storage from '../api/types/storage-v1.gen.ts';
import type { TypedResource } from './client.ts';

function typed<T>(group: string, version: string, resource: string): TypedResource<T & KubeObject> {
  const { namespaced, kind } = builtinResource(group, version, resource);
  return { group, version, resource, namespaced, kind };
}

export const CONFIG_MAPS = typed<core.ConfigMap>('', 'v1', 'configmaps');
export const ENDPOINTS = typed<core.Endpoints>('', 'v1', 'endpoints');
export const EVENTS = typed<core.Event>('', 'v1', 'events');
export const LIMIT_RANGES = typed<core.LimitRange>('', 'v1', 'limitranges');
export const NAMESPACES = typed<core.Namespace>('', 'v1', 'namespaces');
export const NODES = typed<core.Node>('', 'v1', 'nodes');
export const PERSISTENT_VOLUME_CLAIMS = typed<core.PersistentVolumeClaim>('', 'v1', 'persistentvolumeclaims');
export const PERSISTENT_VOLUMES = typed<core.PersistentVolume>('', 'v1', 'persistentvolumes');
export const PODS = typed<core.Pod>('', 'v1', 'pods');
export const REPLICATION_CONTROLLERS = typed<core.ReplicationController>('', 'v1', 'replicationcontrollers');
export const RESOURCE_QUOTAS = typed<core.ResourceQuota>('', 'v1', 'resourcequotas');
export const SECRETS = typed<core.Secret>('', 'v1', 'secrets');
export const SERVICE_ACCOUNTS = typed<core.ServiceAccount>('', 'v1', 'serviceaccounts');
export const SERVICES = typed<core.Service>('', 'v1', 'services');
export const CUSTOM_RESOURCE_DEFINITIONS = typed<CustomResourceDefinition>('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
export const API_SERVICES = typed<APIService>('apiregistration.k8s.io', 'v1', 'apiservices');
export const MUTATING_ADMISSION_POLICIES = typed<admissionregistration.MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingadmissionpolicies',
);
export const MUTATING_ADMISSION_POLICY_BINDINGS = typed<admissionregistration.MutatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingadmissionpolicybindings',
);
export const VALIDATING_ADMISSION_POLICIES = typed<admissionregistration.ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicies',
);
export const VALIDATING_ADMISSION_POLICY_BINDINGS = typed<admissionregistration.ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicybindings',
);
export const MUTATING_WEBHOOK_CONFIGURATIONS = typed<admissionregistration.MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingwebhookconfigurations',
);
export const VALIDATING_WEBHOOK_CONFIGURATIONS = typed<admissionregistration.ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingwebhookconfigurations',
);
export const CONTROLLER_REVISIONS = typed<apps.ControllerRevision>('apps', 'v1', 'controllerrevisions');
export const DAEMON_SETS = typed<apps.DaemonSet>('apps', 'v1', 'daemonsets');
export const DEPLOYMENTS = typed<apps.Deployment>('apps', 'v1', 'deployments');
export const REPLICA_SETS = typed<apps.ReplicaSet>('apps', 'v1', 'replicasets');
export const STATEFUL_SETS = typed<apps.StatefulSet>('apps', 'v1', 'statefulsets');
export const TOKEN_REVIEWS = typed<authentication.TokenReview>('authentication.k8s.io', 'v1', 'tokenreviews');
export const SUBJECT_ACCESS_REVIEWS = typed<authorization.SubjectAccessReview>('authorization.k8s.io', 'v1', 'subjectaccessreviews');
export const CRON_JOBS = typed<batch.CronJob>('batch', 'v1', 'cronjobs');
export const JOBS = typed<batch.Job>('batch', 'v1', 'jobs');
export const CERTIFICATE_SIGNING_REQUESTS = typed<certificates.CertificateSigningRequest>(
  'certificates.k8s.io',
  'v1',
  'certificatesigningrequests',
);
export const FLOW_SCHEMAS = typed<flowcontrol.FlowSchema>('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas');
export const PRIORITY_LEVEL_CONFIGURATIONS = typed<flowcontrol.PriorityLevelConfiguration>(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'prioritylevelconfigurations',
);
export const LEASES = typed<coordination.Lease>('coordination.k8s.io', 'v1', 'leases');
export const ENDPOINT_SLICES = typed<discovery.EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices');
export const IP_ADDRESSES = typed<networking.IPAddress>('networking.k8s.io', 'v1', 'ipaddresses');
export const SERVICE_CIDRS = typed<networking.ServiceCIDR>('networking.k8s.io', 'v1', 'servicecidrs');
export const INGRESS_CLASSES = typed<networking.IngressClass>('networking.k8s.io', 'v1', 'ingressclasses');
export const RUNTIME_CLASSES = typed<node.RuntimeClass>('node.k8s.io', 'v1', 'runtimeclasses');
export const POD_DISRUPTION_BUDGETS = typed<policy.PodDisruptionBudget>('policy', 'v1', 'poddisruptionbudgets');
export const CLUSTER_ROLE_BINDINGS = typed<rbac.ClusterRoleBinding>('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings');
export const CLUSTER_ROLES = typed<rbac.ClusterRole>('rbac.authorization.k8s.io', 'v1', 'clusterroles');
export const ROLE_BINDINGS = typed<rbac.RoleBinding>('rbac.authorization.k8s.io', 'v1', 'rolebindings');
export const ROLES = typed<rbac.Role>('rbac.authorization.k8s.io', 'v1', 'roles');
export const PRIORITY_CLASSES = typed<scheduling.PriorityClass>('scheduling.k8s.io', 'v1', 'priorityclasses');
export const CSI_DRIVERS = typed<storage.CSIDriver>('storage.k8s.io', 'v1', 'csidrivers');
export const STORAGE_CLASSES = typed<storage.StorageClass>('storage.k8s.io', 'v1', 'storageclasses');
export const VOLUME_ATTACHMENTS = typed<storage.VolumeAttachment>('storage.k8s.io', 'v1', 'volumeattachments');
export const VOLUME_ATTRIBUTES_CLASSES = typed<storage.VolumeAttributesClass>('storage.k8s.io', 'v1', 'volumeattributesclasses');
