// discovery.k8s.io/v1 messages (package io.k8s.api.discovery.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.discovery.v1. */
export const DISCOVERY_V1 = `
enum AddressType = FQDN

Endpoint
   1 addresses          []string              emit req list=set
   2 conditions         EndpointConditions    emit
   3 hostname           string?
   4 targetRef          core.ObjectReference?
   5 deprecatedTopology map[string]string
   6 nodeName           string?
   7 zone               string?
   8 hints              EndpointHints?

EndpointConditions
   1 ready       bool?
   2 serving     bool?
   3 terminating bool?

EndpointHints
   1 forZones []ForZone list=atomic
   2 forNodes []ForNode list=atomic

EndpointPort atomic
   1 name        string?
   2 protocol    string? enum=io.k8s.api.core.v1.Protocol
   3 port        int32?
   4 appProtocol string?

EndpointSlice kind
   1 metadata    meta.ObjectMeta emit
   4 addressType string          emit req enum=AddressType
   2 endpoints   []Endpoint      emit list=atomic
   3 ports       []EndpointPort  emit list=atomic

EndpointSliceList kind list
   1 metadata meta.ListMeta   emit
   2 items    []EndpointSlice emit req

ForNode
   1 name string emit req

ForZone
   1 name string emit req
`;
