// apidiscovery.k8s.io/v2 messages (package io.k8s.api.apidiscovery.v2). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.apidiscovery.v2. */
export const APIDISCOVERY_V2 = `
open enum ResourceScope = Cluster | Namespaced
open enum DiscoveryFreshness = Current | Stale

APIGroupDiscovery typed hidden
   1 metadata meta.ObjectMeta       emit
   2 versions []APIVersionDiscovery list=map(version)

APIGroupDiscoveryList typed list hidden
   1 metadata meta.ListMeta       emit
   2 items    []APIGroupDiscovery emit req

APIResourceDiscovery hidden
   1 resource         string                    emit req
   2 responseKind     meta.GroupVersionKind?
   3 scope            string                    emit req enum=ResourceScope
   4 singularResource string                    emit req
   5 verbs            []string                  emit req list=set
   6 shortNames       []string                  list=set
   7 categories       []string                  list=set
   8 subresources     []APISubresourceDiscovery list=map(subresource)

APISubresourceDiscovery hidden
   1 subresource   string                  emit req
   2 responseKind  meta.GroupVersionKind?
   3 acceptedTypes []meta.GroupVersionKind list=map(group,version,kind)
   4 verbs         []string                emit req list=set

APIVersionDiscovery hidden
   1 version   string                 emit req
   2 resources []APIResourceDiscovery list=map(resource)
   3 freshness string                 enum=DiscoveryFreshness
`;
