// core/v1 messages (package io.k8s.api.core.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.core.v1, part: service. */
export const CORE_V1_SERVICE = `
enum ServiceAffinity = ClientIP | None
enum ServiceType = ClusterIP | NodePort | LoadBalancer | ExternalName
enum ServiceInternalTrafficPolicy = Cluster | Local
enum ServiceExternalTrafficPolicy = Cluster | Local
enum IPFamily = IPv4 | IPv6 | ""
enum IPFamilyPolicy = SingleStack | PreferDualStack | RequireDualStack
open enum LoadBalancerIPMode = VIP | Proxy

ClientIPConfig
   1 timeoutSeconds int32?

EndpointAddress atomic
   1 ip        string           emit req
   3 hostname  string
   4 nodeName  string?
   2 targetRef ObjectReference?

EndpointPort atomic
   1 name        string
   2 port        int32   emit req
   3 protocol    string  enum=Protocol
   4 appProtocol string?

EndpointSubset
   1 addresses         []EndpointAddress list=atomic
   2 notReadyAddresses []EndpointAddress list=atomic
   3 ports             []EndpointPort    list=atomic

Endpoints kind
   1 metadata meta.ObjectMeta  emit
   2 subsets  []EndpointSubset list=atomic

EndpointsList kind list
   1 metadata meta.ListMeta emit
   2 items    []Endpoints   emit req

LoadBalancerIngress
   1 ip       string
   2 hostname string
   3 ipMode   string?      enum=LoadBalancerIPMode
   4 ports    []PortStatus list=atomic

LoadBalancerStatus
   1 ingress []LoadBalancerIngress list=atomic

PortStatus
   1 port     int32   emit req
   2 protocol string  emit req enum=Protocol
   3 error    string?

Service kind
   1 metadata meta.ObjectMeta emit
   2 spec     ServiceSpec     emit
   3 status   ServiceStatus   emit

ServiceList kind list
   1 metadata meta.ListMeta emit
   2 items    []Service     emit req

ServicePort
   1 name        string
   2 protocol    string  default="TCP" enum=Protocol
   6 appProtocol string?
   3 port        int32   emit req
   4 targetPort  intstr  emit
   5 nodePort    int32

ServiceProxyOptions typed hidden
   1 path string

ServiceSpec
   1 ports                         []ServicePort          list=map(port,protocol) patch=merge(port)
   2 selector                      map[string]string      map=atomic
   3 clusterIP                     string
  18 clusterIPs                    []string               list=atomic
   4 type                          string                 enum=ServiceType
   5 externalIPs                   []string               list=atomic
   7 sessionAffinity               string                 enum=ServiceAffinity
   8 loadBalancerIP                string
   9 loadBalancerSourceRanges      []string               list=atomic
  10 externalName                  string
  11 externalTrafficPolicy         string                 enum=ServiceExternalTrafficPolicy
  12 healthCheckNodePort           int32
  13 publishNotReadyAddresses      bool
  14 sessionAffinityConfig         SessionAffinityConfig?
  19 ipFamilies                    []string               list=atomic enum=IPFamily
  17 ipFamilyPolicy                string?                enum=IPFamilyPolicy
  20 allocateLoadBalancerNodePorts bool?
  21 loadBalancerClass             string?
  22 internalTrafficPolicy         string?                enum=ServiceInternalTrafficPolicy
  23 trafficDistribution           string?

ServiceStatus
   1 loadBalancer LoadBalancerStatus emit
   2 conditions   []meta.Condition   list=map(type) patch=merge(type)

SessionAffinityConfig
   1 clientIP ClientIPConfig?
`;
