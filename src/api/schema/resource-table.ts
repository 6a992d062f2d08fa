// The resources a server of this API level serves: one line each, sub-resources indented below.
// Notation: plural, kind, scope, then flags. `verbs=` where not the usual eight, `virtual` = never stored,
// `short=`/`categories=` for discovery, `status` = has /status with split writes, `generation=` = the
// fields whose change raises metadata.generation (`create` = only set to 1, `update` = not set before). A sub-resource names its kind's
// group version, the verbs of discovery, and `connect=` for the HTTP methods of a streaming or proxy sub-resource.

/** Resource table of the built-in groups (GA versions). */
export const RESOURCES = `
core v1
  bindings                           Binding                            namespaced verbs=create virtual
  componentstatuses                  ComponentStatus                    cluster    verbs=get,list virtual short=cs
  configmaps                         ConfigMap                          namespaced short=cm
  endpoints                          Endpoints                          namespaced short=ep
  events                             Event                              namespaced short=ev
  limitranges                        LimitRange                         namespaced short=limits
  namespaces                         Namespace                          cluster    verbs=create,delete,get,list,patch,update,watch short=ns status
      /finalize             v1.Namespace verbs=update
  nodes                              Node                               cluster    short=no status
      /proxy                v1.NodeProxyOptions verbs=create,delete,get,patch,update connect=delete,get,head,options,patch,post,put
  persistentvolumeclaims             PersistentVolumeClaim              namespaced short=pvc status
  persistentvolumes                  PersistentVolume                   cluster    short=pv status
  pods                               Pod                                namespaced short=po categories=all status generation=spec
      /attach               v1.PodAttachOptions verbs=create,get connect=get,post
      /binding              v1.Binding verbs=create
      /ephemeralcontainers  v1.Pod verbs=get,patch,update
      /eviction             policy/v1.Eviction verbs=create
      /exec                 v1.PodExecOptions verbs=create,get connect=get,post
      /log                  v1.Pod verbs=get
      /portforward          v1.PodPortForwardOptions verbs=create,get connect=get,post
      /proxy                v1.PodProxyOptions verbs=create,delete,get,patch,update connect=delete,get,head,options,patch,post,put
      /resize               v1.Pod verbs=get,patch,update
  podtemplates                       PodTemplate                        namespaced generation=template
  replicationcontrollers             ReplicationController              namespaced short=rc categories=all status generation=spec
      /scale                autoscaling/v1.Scale verbs=get,patch,update
  resourcequotas                     ResourceQuota                      namespaced short=quota status
  secrets                            Secret                             namespaced
  serviceaccounts                    ServiceAccount                     namespaced short=sa
      /token                authentication.k8s.io/v1.TokenRequest verbs=create
  services                           Service                            namespaced short=svc categories=all status
      /proxy                v1.ServiceProxyOptions verbs=create,delete,get,patch,update connect=delete,get,head,options,patch,post,put

admissionregistration.k8s.io v1
  mutatingadmissionpolicies          MutatingAdmissionPolicy            cluster    categories=api-extensions generation=spec
  mutatingadmissionpolicybindings    MutatingAdmissionPolicyBinding     cluster    categories=api-extensions generation=spec
  mutatingwebhookconfigurations      MutatingWebhookConfiguration       cluster    categories=api-extensions generation=webhooks
  validatingadmissionpolicies        ValidatingAdmissionPolicy          cluster    categories=api-extensions status generation=spec
  validatingadmissionpolicybindings  ValidatingAdmissionPolicyBinding   cluster    categories=api-extensions generation=spec
  validatingwebhookconfigurations    ValidatingWebhookConfiguration     cluster    categories=api-extensions generation=webhooks

apiextensions.k8s.io v1
  customresourcedefinitions          CustomResourceDefinition           cluster    short=crd,crds categories=api-extensions status generation=spec

apiregistration.k8s.io v1
  apiservices                        APIService                         cluster    categories=api-extensions status

apps v1
  controllerrevisions                ControllerRevision                 namespaced
  daemonsets                         DaemonSet                          namespaced short=ds categories=all status generation=spec
  deployments                        Deployment                         namespaced short=deploy categories=all status generation=spec
      /scale                autoscaling/v1.Scale verbs=get,patch,update
  replicasets                        ReplicaSet                         namespaced short=rs categories=all status generation=spec
      /scale                autoscaling/v1.Scale verbs=get,patch,update
  statefulsets                       StatefulSet                        namespaced short=sts categories=all status generation=spec
      /scale                autoscaling/v1.Scale verbs=get,patch,update

authentication.k8s.io v1
  selfsubjectreviews                 SelfSubjectReview                  cluster    verbs=create virtual
  tokenreviews                       TokenReview                        cluster    verbs=create virtual

authorization.k8s.io v1
  localsubjectaccessreviews          LocalSubjectAccessReview           namespaced verbs=create virtual
  selfsubjectaccessreviews           SelfSubjectAccessReview            cluster    verbs=create virtual
  selfsubjectrulesreviews            SelfSubjectRulesReview             cluster    verbs=create virtual
  subjectaccessreviews               SubjectAccessReview                cluster    verbs=create virtual

autoscaling v1
  horizontalpodautoscalers           HorizontalPodAutoscaler            namespaced short=hpa categories=all status

autoscaling v2
  horizontalpodautoscalers           HorizontalPodAutoscaler            namespaced short=hpa categories=all status

batch v1
  cronjobs                           CronJob                            namespaced short=cj categories=all status generation=spec
  jobs                               Job                                namespaced categories=all status generation=spec

certificates.k8s.io v1
  certificatesigningrequests         CertificateSigningRequest          cluster    short=csr status
      /approval             certificates.k8s.io/v1.CertificateSigningRequest verbs=get,patch,update

coordination.k8s.io v1
  leases                             Lease                              namespaced

discovery.k8s.io v1
  endpointslices                     EndpointSlice                      namespaced generation=endpoints,ports,addressType,metadata.labels

events.k8s.io v1
  events                             Event                              namespaced short=ev

flowcontrol.apiserver.k8s.io v1
  flowschemas                        FlowSchema                         cluster    status generation=spec
  prioritylevelconfigurations        PriorityLevelConfiguration         cluster    status generation=spec

networking.k8s.io v1
  ingressclasses                     IngressClass                       cluster    generation=spec
  ingresses                          Ingress                            namespaced short=ing status generation=spec
  ipaddresses                        IPAddress                          cluster    short=ip
  networkpolicies                    NetworkPolicy                      namespaced short=netpol generation=spec
  servicecidrs                       ServiceCIDR                        cluster    status

node.k8s.io v1
  runtimeclasses                     RuntimeClass                       cluster

policy v1
  poddisruptionbudgets               PodDisruptionBudget                namespaced short=pdb status generation=spec

rbac.authorization.k8s.io v1
  clusterrolebindings                ClusterRoleBinding                 cluster
  clusterroles                       ClusterRole                        cluster
  rolebindings                       RoleBinding                        namespaced
  roles                              Role                               namespaced

resource.k8s.io v1
  deviceclasses                      DeviceClass                        cluster    generation=spec
  resourceclaims                     ResourceClaim                      namespaced status
  resourceclaimtemplates             ResourceClaimTemplate              namespaced
  resourceslices                     ResourceSlice                      cluster    generation=spec

scheduling.k8s.io v1
  priorityclasses                    PriorityClass                      cluster    short=pc generation=create

storage.k8s.io v1
  csidrivers                         CSIDriver                          cluster    generation=update,spec
  csinodes                           CSINode                            cluster
  csistoragecapacities               CSIStorageCapacity                 namespaced
  storageclasses                     StorageClass                       cluster    short=sc
  volumeattachments                  VolumeAttachment                   cluster    status
  volumeattributesclasses            VolumeAttributesClass              cluster    short=vac
`;
