// The cluster roles of the controllers, in the notation of bootstrap-roles.ts. Each is named system:controller:<name> and bound to
// the service account <name> of kube-system.

/** Controllers and what they may do. */
export const CONTROLLER_ROLES = `
attachdetach-controller
  list,watch core: persistentvolumeclaims persistentvolumes
  read core: nodes
  patch,update core: nodes/status
  list,watch core: pods
  create,patch,update core,events.k8s.io: events
  create,delete,get,list,patch,watch storage.k8s.io: volumeattachments
  read storage.k8s.io: csidrivers csinodes
clusterrole-aggregation-controller
  escalate,get,list,patch,update,watch rbac.authorization.k8s.io: clusterroles
cronjob-controller
  get,list,update,watch batch: cronjobs
  create,delete,get,list,patch,update,watch batch: jobs
  update batch: cronjobs/status cronjobs/finalizers
  delete,list core: pods
  create,patch,update core,events.k8s.io: events
daemon-set-controller
  read apps,extensions: daemonsets
  update apps,extensions: daemonsets/status daemonsets/finalizers
  list,watch core: nodes
  create,delete,list,patch,watch core: pods
  create core: pods/binding
  create,delete,get,list,patch,update,watch apps: controllerrevisions
  create,patch,update core,events.k8s.io: events
deployment-controller
  get,list,update,watch apps,extensions: deployments
  update apps,extensions: deployments/status deployments/finalizers
  create,delete,get,list,patch,update,watch apps,extensions: replicasets
  get,list,update,watch core: pods
  create,patch,update core,events.k8s.io: events
device-taint-eviction-controller
  read core: pods
  delete core: pods
  patch,update core: pods/status
  read resource.k8s.io: resourceclaims resourceslices deviceclasses devicetaintrules
  create,patch,update core,events.k8s.io: events
disruption-controller
  read apps,extensions: deployments
  read apps,extensions: replicasets
  read core: replicationcontrollers
  read policy: poddisruptionbudgets
  read apps: statefulsets
  update policy: poddisruptionbudgets/status
  patch,update core: pods/status
  get *: */scale
  create,patch,update core,events.k8s.io: events
endpoint-controller
  read core: pods services
  create,delete,get,list,update core: endpoints
  create core: endpoints/restricted
  create,patch,update core,events.k8s.io: events
endpointslice-controller
  read core: nodes pods services
  update core: services/finalizers
  create,delete,get,list,update discovery.k8s.io: endpointslices
  create discovery.k8s.io: endpointslices/restricted
  create,patch,update core,events.k8s.io: events
endpointslicemirroring-controller
  read core: services endpoints
  update core: services/finalizers endpoints/finalizers
  create,delete,get,list,update discovery.k8s.io: endpointslices
  create discovery.k8s.io: endpointslices/restricted
  create,patch,update core,events.k8s.io: events
ephemeral-volume-controller
  update core: pods/finalizers
  read core: pods
  create,get,list,watch core: persistentvolumeclaims
  create,patch,update core,events.k8s.io: events
expand-controller
  get,list,patch,update,watch core: persistentvolumes
  patch,update core: persistentvolumeclaims/status
  read core: persistentvolumeclaims
  read storage.k8s.io: storageclasses
  create,patch,update core,events.k8s.io: events
generic-garbage-collector
  delete,get,list,patch,update,watch *: *
  create,patch,update core,events.k8s.io: events
horizontal-pod-autoscaler
  read autoscaling: horizontalpodautoscalers
  update autoscaling: horizontalpodautoscalers/status
  get,update *: */scale
  list core: pods
  get,list custom.metrics.k8s.io,external.metrics.k8s.io: *
  list metrics.k8s.io: pods
  create,patch,update core,events.k8s.io: events
job-controller
  get,list,patch,update,watch batch: jobs
  update batch: jobs/status jobs/finalizers
  create,delete,list,patch,watch core: pods
  create,patch,update core,events.k8s.io: events
kube-apiserver-serving-clustertrustbundle-publisher
  create,delete,list,update,watch certificates.k8s.io: clustertrustbundles
  attest certificates.k8s.io: signers = kubernetes.io/kube-apiserver-serving
  create,patch,update core,events.k8s.io: events
legacy-service-account-token-cleaner
  get core: configmaps = kube-apiserver-legacy-service-account-token-tracking
  delete,patch core: secrets
namespace-controller
  delete,get,list,watch core: namespaces
  update core: namespaces/finalize namespaces/status
  delete,deletecollection,get,list *: *
node-controller
  delete,get,list,patch,update core: nodes
  patch,update core: nodes/status
  patch,update core: pods/status
  delete,list,get core: pods
  create,patch,update core,events.k8s.io: events
persistent-volume-binder
  create,delete,get,list,update,watch core: persistentvolumes
  update core: persistentvolumes/status
  get,list,update,watch core: persistentvolumeclaims
  update core: persistentvolumeclaims/status
  create,delete,get,list,watch core: pods
  read storage.k8s.io: storageclasses
  create,delete,get core: endpoints services
  get,list core: secrets
  get,list core: nodes
  watch core: events
  create,patch,update core,events.k8s.io: events
pod-garbage-collector
  delete,list,watch core: pods
  get,list core: nodes
  patch core: pods/status
pv-protection-controller
  get,list,update,watch core: persistentvolumes
  create,patch,update core,events.k8s.io: events
pvc-protection-controller
  get,list,update,watch core: persistentvolumeclaims
  read core: pods
  create,patch,update core,events.k8s.io: events
replicaset-controller
  get,list,update,watch apps,extensions: replicasets
  update apps,extensions: replicasets/status replicasets/finalizers
  create,delete,list,patch,watch core: pods
  create,patch,update core,events.k8s.io: events
replication-controller
  get,list,update,watch core: replicationcontrollers
  update core: replicationcontrollers/status replicationcontrollers/finalizers
  create,delete,list,patch,watch core: pods
  create,patch,update core,events.k8s.io: events
resource-claim-controller
  update core: pods/finalizers
  read core: pods
  patch core: pods/status
  create,delete,get,list,watch resource.k8s.io: resourceclaims
  read resource.k8s.io: resourceclaimtemplates
  patch,update resource.k8s.io: resourceclaims/status resourceclaims
  create,patch,update core,events.k8s.io: events
resourcequota-controller
  list,watch *: *
  update core: resourcequotas/status
  create,patch,update core,events.k8s.io: events
root-ca-cert-publisher
  create,update core: configmaps
  create,patch,update core,events.k8s.io: events
route-controller
  list,watch core: nodes
  patch core: nodes/status
  create,patch,update core,events.k8s.io: events
selinux-warning-controller
  read core: persistentvolumeclaims persistentvolumes pods
  read storage.k8s.io: csidrivers
  create,patch,update core,events.k8s.io: events
service-account-controller
  create core: serviceaccounts
  create,patch,update core,events.k8s.io: events
service-cidrs-controller
  get,list,patch,update,watch networking.k8s.io: servicecidrs
  patch,update networking.k8s.io: servicecidrs/finalizers servicecidrs/status
  read networking.k8s.io: ipaddresses
  create,patch,update core,events.k8s.io: events
service-controller
  read core: services
  patch,update core: services/status
  list,watch core: nodes
  create,patch,update core,events.k8s.io: events
statefulset-controller
  list,watch core: pods
  read apps: statefulsets
  update apps: statefulsets/status statefulsets/finalizers
  create,delete,get,patch,update core: pods
  create,delete,get,list,patch,update,watch apps: controllerrevisions
  create,delete,get,list,patch,update,watch core: persistentvolumeclaims
  create,patch,update core,events.k8s.io: events
storage-version-migrator-controller
  list,patch,update,watch *: *
  update storagemigration.k8s.io: storageversionmigrations/status
taint-eviction-controller
  delete,get,list,watch core: pods
  patch,update core: pods/status
  get,list,watch core: nodes
  create,patch,update core,events.k8s.io: events
ttl-after-finished-controller
  delete,get,list,watch batch: jobs
  create,patch,update core,events.k8s.io: events
ttl-controller
  list,patch,update,watch core: nodes
  create,patch,update core,events.k8s.io: events
validatingadmissionpolicy-status-controller
  read admissionregistration.k8s.io: validatingadmissionpolicies
  get,patch,update admissionregistration.k8s.io: validatingadmissionpolicies/status
  create,patch,update core,events.k8s.io: events
volumeattributesclass-protection-controller
  get,list,update,watch storage.k8s.io: volumeattributesclasses
  read core: persistentvolumeclaims persistentvolumes
  create,patch,update core,events.k8s.io: events
certificate-controller
  delete,get,list,watch certificates.k8s.io: certificatesigningrequests
  update certificates.k8s.io: certificatesigningrequests/status certificatesigningrequests/approval
  approve certificates.k8s.io: signers = kubernetes.io/kube-apiserver-client-kubelet
  sign certificates.k8s.io: signers = kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown
  create authorization.k8s.io: subjectaccessreviews
  create,patch,update core,events.k8s.io: events
`;
