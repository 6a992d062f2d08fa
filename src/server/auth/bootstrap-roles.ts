// The cluster roles every cluster has (but those of controllers: bootstrap-controller-roles.ts), in a notation that reads like a reference page:
//
//   name [aggregate=admin|edit|view] [label=admin|edit|view]      aggregates roles so labelled; is so labelled
//     verb,verb group,group: resource resource [= name name]      `core` is the core group
//     verb url: /path /path
//
// `read` = get list watch, `write` = create delete deletecollection patch update, `readwrite` = both.
// Facts: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings

/** User-facing roles, core component roles and other component roles. */
export const BOOTSTRAP_ROLES = `
cluster-admin
  * *: *
  * url: *
system:discovery
  get url: /livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*
system:monitoring
  get url: /metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/*
system:basic-user
  create authorization.k8s.io: selfsubjectaccessreviews selfsubjectrulesreviews
  create authentication.k8s.io: selfsubjectreviews
system:public-info-viewer
  get url: /livez /readyz /healthz /version /version/
system:service-account-issuer-discovery
  get url: /.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/

admin aggregate=admin
edit aggregate=edit label=admin
view aggregate=view label=edit
system:aggregate-to-admin label=admin
  create authorization.k8s.io: localsubjectaccessreviews
  readwrite rbac.authorization.k8s.io: roles rolebindings
system:aggregate-to-edit label=edit
  read core: pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy
  impersonate core: serviceaccounts
  write core: pods pods/attach pods/proxy pods/exec pods/portforward
  create core: pods/eviction
  write core: replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets events
  create core: serviceaccounts/token
  write apps: statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback replicasets replicasets/scale
  write autoscaling: horizontalpodautoscalers
  write batch: jobs cronjobs
  write extensions: daemonsets deployments deployments/scale deployments/rollback ingresses replicasets replicasets/scale replicationcontrollers/scale networkpolicies
  write policy: poddisruptionbudgets
  write networking.k8s.io: networkpolicies ingresses
  readwrite coordination.k8s.io: leases
  write resource.k8s.io: resourceclaims resourceclaimtemplates
system:aggregate-to-view label=view
  read core: pods replicationcontrollers replicationcontrollers/scale serviceaccounts services endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps
  read core: limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status replicationcontrollers/status pods/log services/status
  read core: namespaces
  read discovery.k8s.io: endpointslices
  read apps: controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale
  read autoscaling: horizontalpodautoscalers horizontalpodautoscalers/status
  read batch: jobs jobs/status cronjobs cronjobs/status
  read extensions: daemonsets daemonsets/status deployments deployments/status deployments/scale ingresses ingresses/status replicasets replicasets/status replicasets/scale replicationcontrollers/scale networkpolicies
  read policy: poddisruptionbudgets poddisruptionbudgets/status
  read networking.k8s.io: networkpolicies ingresses ingresses/status
  read resource.k8s.io: resourceclaims resourceclaims/status resourceclaimtemplates

system:heapster
  read core: events pods nodes namespaces
  read extensions: deployments
system:node
  create authentication.k8s.io: tokenreviews
  create authorization.k8s.io: subjectaccessreviews localsubjectaccessreviews
  read core: services
  create,get,list,watch core: nodes
  update,patch core: nodes/status
  update,patch core: nodes
  create,update,patch core: events
  read core: pods
  create,delete core: pods
  update,patch core: pods/status
  create core: pods/eviction
  read core: secrets configmaps
  get core: persistentvolumeclaims persistentvolumes
  get core: endpoints
  create,get,list,watch certificates.k8s.io: certificatesigningrequests
  get,create,update,patch,delete coordination.k8s.io: leases
  get storage.k8s.io: volumeattachments
  create core: serviceaccounts/token
  get,update,patch core: persistentvolumeclaims/status
  read storage.k8s.io: csidrivers
  create,delete,get,patch,update storage.k8s.io: csinodes
  read node.k8s.io: runtimeclasses
  get resource.k8s.io: resourceclaims
  readwrite resource.k8s.io: resourceslices
  read certificates.k8s.io: clustertrustbundles
  read,create certificates.k8s.io: podcertificaterequests
system:node-problem-detector
  get core: nodes
  patch core: nodes/status
  create,patch,update core,events.k8s.io: events
system:kubelet-api-admin
  read core: nodes
  proxy core: nodes
  * core: nodes/proxy nodes/metrics nodes/stats nodes/log nodes/spec nodes/checkpoint nodes/configz nodes/healthz nodes/pods
system:node-bootstrapper
  create,get,list,watch certificates.k8s.io: certificatesigningrequests
system:auth-delegator
  create authentication.k8s.io: tokenreviews
  create authorization.k8s.io: subjectaccessreviews
system:kube-aggregator
  read core: services endpoints
system:kube-controller-manager
  create,patch,update core,events.k8s.io: events
  create coordination.k8s.io: leases
  get,update coordination.k8s.io: leases = kube-controller-manager
  create core: secrets serviceaccounts
  delete core: secrets
  get core: namespaces secrets serviceaccounts configmaps
  update core: secrets serviceaccounts
  create authentication.k8s.io: tokenreviews
  create authorization.k8s.io: subjectaccessreviews
  list,watch *: *
  create core: serviceaccounts/token
system:kube-dns
  list,watch core: endpoints services
system:persistent-volume-provisioner
  create,delete,get,list,watch core: persistentvolumes
  get,list,update,watch core: persistentvolumeclaims
  read storage.k8s.io: storageclasses
  watch core: events
  create,patch,update core,events.k8s.io: events
system:kube-scheduler
  create,patch,update core,events.k8s.io: events
  create coordination.k8s.io: leases
  get,list,update,watch coordination.k8s.io: leases = kube-scheduler
  read core: nodes
  delete,get,list,watch core: pods
  create core: bindings pods/binding
  patch,update core: pods/status
  read core: replicationcontrollers services
  read apps,extensions: replicasets
  read apps: statefulsets
  read policy: poddisruptionbudgets
  read core: persistentvolumeclaims persistentvolumes
  create authentication.k8s.io: tokenreviews
  create authorization.k8s.io: subjectaccessreviews
  read storage.k8s.io: csinodes
  read core: namespaces
  read storage.k8s.io: csidrivers csistoragecapacities volumeattachments
  read resource.k8s.io: deviceclasses resourceslices
  get,list,patch,update,watch resource.k8s.io: resourceclaims
  patch,update resource.k8s.io: resourceclaims/status
  update core: pods/finalizers
system:volume-scheduler
  get,list,patch,update,watch core: persistentvolumes
  read storage.k8s.io: storageclasses
  get,list,patch,update,watch core: persistentvolumeclaims
system:node-proxier
  list,watch core: services endpoints
  get,list,watch core: nodes
  create,patch,update core,events.k8s.io: events
  list,watch discovery.k8s.io: endpointslices
  list,watch networking.k8s.io: servicecidrs
system:certificates.k8s.io:certificatesigningrequests:nodeclient
  create certificates.k8s.io: certificatesigningrequests/nodeclient
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  create certificates.k8s.io: certificatesigningrequests/selfnodeclient
system:certificates.k8s.io:legacy-unknown-approver
  approve certificates.k8s.io: signers = kubernetes.io/legacy-unknown
system:certificates.k8s.io:kubelet-serving-approver
  approve certificates.k8s.io: signers = kubernetes.io/kubelet-serving
system:certificates.k8s.io:kube-apiserver-client-approver
  approve certificates.k8s.io: signers = kubernetes.io/kube-apiserver-client
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  approve certificates.k8s.io: signers = kubernetes.io/kube-apiserver-client-kubelet
system:cluster-trust-bundle-discovery
  read certificates.k8s.io: clustertrustbundles

kts:agent
  read core: services endpoints nodes pods namespaces
  read discovery.k8s.io: endpointslices
  read networking.k8s.io: networkpolicies servicecidrs
  create,patch,update core,events.k8s.io: events
`;

/** `ClusterRole: subjects`. A subject is `User:x`, `Group:x` or `ServiceAccount:namespace/x`; the binding has the role's name unless `name =` stands before. */
export const BOOTSTRAP_BINDINGS = `
cluster-admin: Group:system:masters
system:monitoring: Group:system:monitoring
system:discovery: Group:system:authenticated
system:basic-user: Group:system:authenticated
system:public-info-viewer: Group:system:authenticated Group:system:unauthenticated
system:service-account-issuer-discovery: Group:system:serviceaccounts
system:node-proxier: User:system:kube-proxy
system:kube-controller-manager: User:system:kube-controller-manager
system:kube-dns: ServiceAccount:kube-system/kube-dns
system:kube-scheduler: User:system:kube-scheduler
system:volume-scheduler: User:system:kube-scheduler
system:cluster-trust-bundle-discovery: Group:system:serviceaccounts
system:node:
kts:agent: Group:system:nodes
kts:node-bootstrapper = system:node-bootstrapper: Group:system:bootstrappers:kts
kts:node-autoapprove-bootstrap = system:certificates.k8s.io:certificatesigningrequests:nodeclient: Group:system:bootstrappers:kts
kts:node-autoapprove-renewal = system:certificates.k8s.io:certificatesigningrequests:selfnodeclient: Group:system:nodes
`;

/** Roles within namespaces: `namespace name`, rules as above. */
export const BOOTSTRAP_NAMESPACED_ROLES = `
kube-system extension-apiserver-authentication-reader
  read core: configmaps = extension-apiserver-authentication
kube-system system:controller:bootstrap-signer
  read core: secrets
kube-system system:controller:cloud-provider
  create,get,list,watch core: configmaps
kube-system system:controller:token-cleaner
  delete,get,list,watch core: secrets
  create,patch,update core,events.k8s.io: events
kube-system system::leader-locking-kube-controller-manager
  watch core: configmaps
  get,update core: configmaps = kube-controller-manager
kube-system system::leader-locking-kube-scheduler
  watch core: configmaps
  get,update core: configmaps = kube-scheduler
kube-public system:controller:bootstrap-signer
  read core: configmaps
  update core: configmaps = cluster-info
  create,patch,update core,events.k8s.io: events
`;

/** Bindings within namespaces: `namespace [name =] role: subjects`. */
export const BOOTSTRAP_NAMESPACED_BINDINGS = `
kube-system system::extension-apiserver-authentication-reader = extension-apiserver-authentication-reader: User:system:kube-controller-manager User:system:kube-scheduler
kube-system system:controller:bootstrap-signer: ServiceAccount:kube-system/bootstrap-signer
kube-system system:controller:cloud-provider: ServiceAccount:kube-system/cloud-provider
kube-system system:controller:token-cleaner: ServiceAccount:kube-system/token-cleaner
kube-system system::leader-locking-kube-controller-manager: User:system:kube-controller-manager ServiceAccount:kube-system/kube-controller-manager
kube-system system::leader-locking-kube-scheduler: User:system:kube-scheduler ServiceAccount:kube-system/kube-scheduler
kube-public system:controller:bootstrap-signer: ServiceAccount:kube-system/bootstrap-signer
`;
