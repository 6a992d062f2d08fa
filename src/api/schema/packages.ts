// The list of all message tables: which package of the API each table describes and under which group version it is served.

import { ADMISSION_V1 } from './admission-v1.ts';
import { ADMISSIONREGISTRATION_V1 } from './admissionregistration-v1.ts';
import { APIDISCOVERY_V2 } from './apidiscovery-v2.ts';
import { APIEXTENSIONS_V1 } from './apiextensions-v1.ts';
import { APIREGISTRATION_V1 } from './apiregistration-v1.ts';
import { APPS_V1 } from './apps-v1.ts';
import { AUTHENTICATION_V1 } from './authentication-v1.ts';
import { AUTHORIZATION_V1 } from './authorization-v1.ts';
import { AUTOSCALING_V1 } from './autoscaling-v1.ts';
import { AUTOSCALING_V2 } from './autoscaling-v2.ts';
import { BATCH_V1 } from './batch-v1.ts';
import { CERTIFICATES_V1 } from './certificates-v1.ts';
import { COORDINATION_V1 } from './coordination-v1.ts';
import { CORE_V1_CONTAINER } from './core-v1-container.ts';
import { CORE_V1_NODE } from './core-v1-node.ts';
import { CORE_V1_POD } from './core-v1-pod.ts';
import { CORE_V1_REST } from './core-v1-rest.ts';
import { CORE_V1_SERVICE } from './core-v1-service.ts';
import { CORE_V1_VOLUME } from './core-v1-volume.ts';
import { CORE_V1_VOLUME_PLUGINS } from './core-v1-volume-plugins.ts';
import { DISCOVERY_V1 } from './discovery-v1.ts';
import { EVENTS_V1 } from './events-v1.ts';
import { FLOWCONTROL_V1 } from './flowcontrol-v1.ts';
import { META_V1 } from './meta-v1.ts';
import { METRICS_V1BETA1 } from './metrics-v1beta1.ts';
import { NETWORKING_V1 } from './networking-v1.ts';
import { NODE_V1 } from './node-v1.ts';
import { POLICY_V1 } from './policy-v1.ts';
import { RBAC_V1 } from './rbac-v1.ts';
import { RESOURCE_V1 } from './resource-v1.ts';
import { RUNTIME } from './runtime.ts';
import { SCHEDULING_V1 } from './scheduling-v1.ts';
import { STORAGE_V1 } from './storage-v1.ts';
import { VERSION } from './version.ts';

/** One package of API messages: its full name, the group version it belongs to, and its tables. */
export interface SchemaPackage {
  /** OpenAPI package, e.g. `io.k8s.api.core.v1`. */
  readonly name: string;
  /** Short name that other tables use before a dot, e.g. `core` in `core.PodSpec`; also the stem of the generated types file. */
  readonly file: string;
  readonly alias: string;
  /** API group, `''` for core and for packages that belong to every group. */
  readonly group: string;
  /** API version, `''` where the package is of no version. */
  readonly version: string;
  readonly tables: readonly string[];
}

/** Every package, in the order in which types are generated. */
export const SCHEMA_PACKAGES: readonly SchemaPackage[] = [
  {
    name: 'io.k8s.api.admission.v1',
    file: 'admission-v1',
    alias: 'admission',
    group: 'admission.k8s.io',
    version: 'v1',
    tables: [ADMISSION_V1],
  },
  {
    name: 'io.k8s.api.admissionregistration.v1',
    file: 'admissionregistration-v1',
    alias: 'admissionregistration',
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    tables: [ADMISSIONREGISTRATION_V1],
  },
  {
    name: 'io.k8s.api.apidiscovery.v2',
    file: 'apidiscovery-v2',
    alias: 'apidiscovery',
    group: 'apidiscovery.k8s.io',
    version: 'v2',
    tables: [APIDISCOVERY_V2],
  },
  { name: 'io.k8s.api.apps.v1', file: 'apps-v1', alias: 'apps', group: 'apps', version: 'v1', tables: [APPS_V1] },
  {
    name: 'io.k8s.api.authentication.v1',
    file: 'authentication-v1',
    alias: 'authentication',
    group: 'authentication.k8s.io',
    version: 'v1',
    tables: [AUTHENTICATION_V1],
  },
  {
    name: 'io.k8s.api.authorization.v1',
    file: 'authorization-v1',
    alias: 'authorization',
    group: 'authorization.k8s.io',
    version: 'v1',
    tables: [AUTHORIZATION_V1],
  },
  {
    name: 'io.k8s.api.autoscaling.v1',
    file: 'autoscaling-v1',
    alias: 'autoscaling',
    group: 'autoscaling',
    version: 'v1',
    tables: [AUTOSCALING_V1],
  },
  {
    name: 'io.k8s.api.autoscaling.v2',
    file: 'autoscaling-v2',
    alias: 'autoscaling2',
    group: 'autoscaling',
    version: 'v2',
    tables: [AUTOSCALING_V2],
  },
  { name: 'io.k8s.api.batch.v1', file: 'batch-v1', alias: 'batch', group: 'batch', version: 'v1', tables: [BATCH_V1] },
  {
    name: 'io.k8s.api.certificates.v1',
    file: 'certificates-v1',
    alias: 'certificates',
    group: 'certificates.k8s.io',
    version: 'v1',
    tables: [CERTIFICATES_V1],
  },
  {
    name: 'io.k8s.api.coordination.v1',
    file: 'coordination-v1',
    alias: 'coordination',
    group: 'coordination.k8s.io',
    version: 'v1',
    tables: [COORDINATION_V1],
  },
  {
    name: 'io.k8s.api.core.v1',
    file: 'core-v1',
    alias: 'core',
    group: '',
    version: 'v1',
    tables: [CORE_V1_POD, CORE_V1_CONTAINER, CORE_V1_VOLUME, CORE_V1_VOLUME_PLUGINS, CORE_V1_NODE, CORE_V1_SERVICE, CORE_V1_REST],
  },
  {
    name: 'io.k8s.api.discovery.v1',
    file: 'discovery-v1',
    alias: 'discovery',
    group: 'discovery.k8s.io',
    version: 'v1',
    tables: [DISCOVERY_V1],
  },
  { name: 'io.k8s.api.events.v1', file: 'events-v1', alias: 'events', group: 'events.k8s.io', version: 'v1', tables: [EVENTS_V1] },
  {
    name: 'io.k8s.api.flowcontrol.v1',
    file: 'flowcontrol-v1',
    alias: 'flowcontrol',
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1',
    tables: [FLOWCONTROL_V1],
  },
  {
    name: 'io.k8s.api.networking.v1',
    file: 'networking-v1',
    alias: 'networking',
    group: 'networking.k8s.io',
    version: 'v1',
    tables: [NETWORKING_V1],
  },
  { name: 'io.k8s.api.node.v1', file: 'node-v1', alias: 'node', group: 'node.k8s.io', version: 'v1', tables: [NODE_V1] },
  { name: 'io.k8s.api.policy.v1', file: 'policy-v1', alias: 'policy', group: 'policy', version: 'v1', tables: [POLICY_V1] },
  { name: 'io.k8s.api.rbac.v1', file: 'rbac-v1', alias: 'rbac', group: 'rbac.authorization.k8s.io', version: 'v1', tables: [RBAC_V1] },
  {
    name: 'io.k8s.api.resource.v1',
    file: 'resource-v1',
    alias: 'resource',
    group: 'resource.k8s.io',
    version: 'v1',
    tables: [RESOURCE_V1],
  },
  {
    name: 'io.k8s.api.scheduling.v1',
    file: 'scheduling-v1',
    alias: 'scheduling',
    group: 'scheduling.k8s.io',
    version: 'v1',
    tables: [SCHEDULING_V1],
  },
  { name: 'io.k8s.api.storage.v1', file: 'storage-v1', alias: 'storage', group: 'storage.k8s.io', version: 'v1', tables: [STORAGE_V1] },
  {
    name: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
    file: 'apiextensions-v1',
    alias: 'apiextensions',
    group: 'apiextensions.k8s.io',
    version: 'v1',
    tables: [APIEXTENSIONS_V1],
  },
  {
    name: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
    file: 'apiregistration-v1',
    alias: 'apiregistration',
    group: 'apiregistration.k8s.io',
    version: 'v1',
    tables: [APIREGISTRATION_V1],
  },
  {
    name: 'io.k8s.metrics.pkg.apis.metrics.v1beta1',
    file: 'metrics-v1beta1',
    alias: 'metrics',
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    tables: [METRICS_V1BETA1],
  },
  { name: 'io.k8s.apimachinery.pkg.apis.meta.v1', file: 'meta-v1', alias: 'meta', group: '', version: 'v1', tables: [META_V1] },
  { name: 'io.k8s.apimachinery.pkg.runtime', file: 'runtime', alias: 'runtime', group: '', version: '', tables: [RUNTIME] },
  { name: 'io.k8s.apimachinery.pkg.version', file: 'version', alias: 'version', group: '', version: '', tables: [VERSION] },
];
