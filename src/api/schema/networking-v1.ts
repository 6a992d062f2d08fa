// networking.k8s.io/v1 messages (package io.k8s.api.networking.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.networking.v1. */
export const NETWORKING_V1 = `
enum PolicyType = Ingress | Egress
enum PathType = Exact | Prefix | ImplementationSpecific

HTTPIngressPath
   1 path     string
   3 pathType string?        emit req enum=PathType
   2 backend  IngressBackend emit req

HTTPIngressRuleValue
   1 paths []HTTPIngressPath emit req list=atomic

IPAddress kind
   1 metadata meta.ObjectMeta emit
   2 spec     IPAddressSpec   emit req

IPAddressList kind list
   1 metadata meta.ListMeta emit
   2 items    []IPAddress   emit req

IPAddressSpec
   1 parentRef ParentReference? req

IPBlock
   1 cidr   string   emit req
   2 except []string list=atomic

Ingress kind
   1 metadata meta.ObjectMeta emit
   2 spec     IngressSpec     emit
   3 status   IngressStatus   emit

IngressBackend
   4 service  IngressServiceBackend?
   3 resource core.TypedLocalObjectReference?

IngressClass kind
   1 metadata meta.ObjectMeta  emit
   2 spec     IngressClassSpec emit

IngressClassList kind list
   1 metadata meta.ListMeta  emit
   2 items    []IngressClass emit req

IngressClassParametersReference
   1 apiGroup  string? proto=aPIGroup
   2 kind      string  emit req
   3 name      string  emit req
   4 scope     string? emit
   5 namespace string?

IngressClassSpec
   1 controller string
   2 parameters IngressClassParametersReference?

IngressList kind list
   1 metadata meta.ListMeta emit
   2 items    []Ingress     emit req

IngressLoadBalancerIngress
   1 ip       string
   2 hostname string
   4 ports    []IngressPortStatus list=atomic

IngressLoadBalancerStatus
   1 ingress []IngressLoadBalancerIngress list=atomic

IngressPortStatus
   1 port     int32   emit req
   2 protocol string  emit req enum=io.k8s.api.core.v1.Protocol
   3 error    string?

IngressRule
   1 host string
   2 *    IngressRuleValue inline proto=ingressRuleValue

IngressRuleValue hidden
   1 http HTTPIngressRuleValue?

IngressServiceBackend
   1 name string             emit req
   2 port ServiceBackendPort emit

IngressSpec
   4 ingressClassName string?
   1 defaultBackend   IngressBackend?
   2 tls              []IngressTLS    list=atomic
   3 rules            []IngressRule   list=atomic

IngressStatus
   1 loadBalancer IngressLoadBalancerStatus emit

IngressTLS
   1 hosts      []string list=atomic
   2 secretName string

NetworkPolicy kind
   1 metadata meta.ObjectMeta   emit
   2 spec     NetworkPolicySpec emit

NetworkPolicyEgressRule
   1 ports []NetworkPolicyPort list=atomic
   2 to    []NetworkPolicyPeer list=atomic

NetworkPolicyIngressRule
   1 ports []NetworkPolicyPort list=atomic
   2 from  []NetworkPolicyPeer list=atomic

NetworkPolicyList kind list
   1 metadata meta.ListMeta   emit
   2 items    []NetworkPolicy emit req

NetworkPolicyPeer
   1 podSelector       meta.LabelSelector?
   2 namespaceSelector meta.LabelSelector?
   3 ipBlock           IPBlock?

NetworkPolicyPort
   1 protocol string? enum=io.k8s.api.core.v1.Protocol
   2 port     intstr?
   3 endPort  int32?

NetworkPolicySpec
   1 podSelector meta.LabelSelector         emit
   2 ingress     []NetworkPolicyIngressRule list=atomic
   3 egress      []NetworkPolicyEgressRule  list=atomic
   4 policyTypes []string                   list=atomic enum=PolicyType

ParentReference
   1 group     string
   2 resource  string req
   3 namespace string
   4 name      string req

ServiceBackendPort atomic
   1 name   string
   2 number int32

ServiceCIDR kind
   1 metadata meta.ObjectMeta   emit
   2 spec     ServiceCIDRSpec   emit
   3 status   ServiceCIDRStatus emit

ServiceCIDRList kind list
   1 metadata meta.ListMeta emit
   2 items    []ServiceCIDR emit req

ServiceCIDRSpec
   1 cidrs []string list=atomic

ServiceCIDRStatus
   1 conditions []meta.Condition list=map(type) patch=merge(type)
`;
