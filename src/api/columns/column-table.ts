// The columns of the Tables the server makes: one line a resource. `*` = only with -o wide, `:name` = format, `#`/`?`/`@` after
// a name = type integer, boolean, date; others are strings. Priorities and names are what kubectl prints.

/** Rows of `group/resource: column | column …`. */
export const COLUMN_TABLE = `
/pods: Name:name | Ready | Status | Restarts | Age | IP* | Node* | Nominated Node* | Readiness Gates*
/podtemplates: Name:name | Containers | Images | Pod Labels
/replicationcontrollers: Name:name | Desired# | Current# | Ready# | Age | Containers* | Images* | Selector*
/services: Name:name | Type | Cluster-IP | External-IP | Port(s) | Age | Selector*
/endpoints: Name:name | Endpoints | Age
/nodes: Name:name | Status | Roles | Age | Version | Internal-IP* | External-IP* | OS-Image* | Kernel-Version* | Container-Runtime*
/events: Last Seen | Type | Reason | Object | Subobject* | Source* | Message | First Seen* | Count* | Name:name*
/namespaces: Name:name | Status | Age
/secrets: Name:name | Type | Data | Age
/serviceaccounts: Name:name | Age
/persistentvolumes: Name:name | Capacity | Access Modes | Reclaim Policy | Status | Claim | StorageClass | VolumeAttributesClass | Reason | Age | VolumeMode*
/persistentvolumeclaims: Name:name | Status | Volume | Capacity | Access Modes | StorageClass | VolumeAttributesClass | Age | VolumeMode*
/componentstatuses: Name:name | Status | Message | Error
/configmaps: Name:name | Data | Age
/resourcequotas: Name:name | Request | Limit | Age
apps/deployments: Name:name | Ready | Up-to-date | Available | Age | Containers* | Images* | Selector*
apps/replicasets: Name:name | Desired# | Current# | Ready# | Age | Containers* | Images* | Selector*
apps/statefulsets: Name:name | Ready | Age | Containers* | Images*
apps/daemonsets: Name:name | Desired# | Current# | Ready# | Up-to-date# | Available# | Node Selector | Age | Containers* | Images* | Selector*
apps/controllerrevisions: Name:name | Controller | Revision | Age
batch/jobs: Name:name | Status | Completions | Duration | Age | Containers* | Images* | Selector*
batch/cronjobs: Name:name | Schedule | Timezone | Suspend? | Active# | Last Schedule | Age | Containers* | Images* | Selector*
autoscaling/horizontalpodautoscalers: Name:name | Reference | Targets | MinPods | MaxPods | Replicas | Age
autoscaling/scale: Name | Desired# | Available# | Age
policy/poddisruptionbudgets: Name:name | Min Available | Max Unavailable | Allowed Disruptions# | Age
networking.k8s.io/ingresses: Name:name | Class | Hosts | Address | Ports | Age
networking.k8s.io/ingressclasses: Name:name | Controller | Parameters | Age
networking.k8s.io/networkpolicies: Name:name | Pod-Selector | Age
networking.k8s.io/servicecidrs: Name:name | CIDRs | Age
networking.k8s.io/ipaddresses: Name:name | ParentRef
discovery.k8s.io/endpointslices: Name:name | AddressType | Ports | Endpoints | Age
events.k8s.io/events: Last Seen | Type | Reason | Object | Subobject* | Source* | Message | First Seen* | Count* | Name:name*
rbac.authorization.k8s.io/rolebindings: Name:name | Role | Age | Users* | Groups* | ServiceAccounts*
rbac.authorization.k8s.io/clusterrolebindings: Name:name | Role | Age | Users* | Groups* | ServiceAccounts*
storage.k8s.io/storageclasses: Name:name | Provisioner | ReclaimPolicy | VolumeBindingMode | AllowVolumeExpansion | Age
storage.k8s.io/volumeattributesclasses: Name:name | DriverName | Age
storage.k8s.io/volumeattachments: Name:name | Attacher:name | PV | Node | Attached? | Age
storage.k8s.io/csinodes: Name:name | Drivers# | Age
storage.k8s.io/csidrivers: Name:name | AttachRequired? | PodInfoOnMount? | StorageCapacity? | TokenRequests | RequiresRepublish? | Modes | Age
scheduling.k8s.io/priorityclasses: Name:name | Value# | Global-Default? | Age | PreemptionPolicy
node.k8s.io/runtimeclasses: Name:name | Handler | Age
coordination.k8s.io/leases: Name:name | Holder | Age
certificates.k8s.io/certificatesigningrequests: Name:name | Age | SignerName | Requestor | RequestedDuration | Condition
admissionregistration.k8s.io/mutatingwebhookconfigurations: Name:name | Webhooks# | Age
admissionregistration.k8s.io/validatingwebhookconfigurations: Name:name | Webhooks# | Age
admissionregistration.k8s.io/validatingadmissionpolicies: Name:name | Validations# | ParamKind | Age
admissionregistration.k8s.io/validatingadmissionpolicybindings: Name:name | PolicyName | ParamRef | Age
admissionregistration.k8s.io/mutatingadmissionpolicies: Name:name | Mutations# | ParamKind | Age
admissionregistration.k8s.io/mutatingadmissionpolicybindings: Name:name | PolicyName | ParamRef | Age
flowcontrol.apiserver.k8s.io/flowschemas: Name:name | PriorityLevel | MatchingPrecedence | DistinguisherMethod | Age | MissingPL
flowcontrol.apiserver.k8s.io/prioritylevelconfigurations: Name:name | Type | NominalConcurrencyShares | Queues | HandSize | QueueLengthLimit | Age
resource.k8s.io/deviceclasses: Name:name | Age
resource.k8s.io/resourceclaims: Name:name | State | Age
resource.k8s.io/resourceclaimtemplates: Name:name | Age
resource.k8s.io/resourceslices: Name:name | Node | Driver | Pool | Age
apiregistration.k8s.io/apiservices: Name:name | Service | Available | Age
`;
