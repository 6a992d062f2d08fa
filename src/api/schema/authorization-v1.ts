// authorization.k8s.io/v1 messages (package io.k8s.api.authorization.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.authorization.v1. */
export const AUTHORIZATION_V1 = `
ExtraValue hidden form=list
   1 ~ []string proto=items

FieldSelectorAttributes
   1 rawSelector  string
   2 requirements []meta.FieldSelectorRequirement list=atomic

LabelSelectorAttributes
   1 rawSelector  string
   2 requirements []meta.LabelSelectorRequirement list=atomic

LocalSubjectAccessReview kind
   1 metadata meta.ObjectMeta           emit
   2 spec     SubjectAccessReviewSpec   emit req
   3 status   SubjectAccessReviewStatus emit

NonResourceAttributes
   1 path string
   2 verb string

NonResourceRule
   1 verbs           []string emit req list=atomic
   2 nonResourceURLs []string list=atomic

ResourceAttributes
   1 namespace     string
   2 verb          string
   3 group         string
   4 version       string
   5 resource      string
   6 subresource   string
   7 name          string
   8 fieldSelector FieldSelectorAttributes?
   9 labelSelector LabelSelectorAttributes?

ResourceRule
   1 verbs         []string emit req list=atomic
   2 apiGroups     []string list=atomic
   3 resources     []string list=atomic
   4 resourceNames []string list=atomic

SelfSubjectAccessReview kind
   1 metadata meta.ObjectMeta             emit
   2 spec     SelfSubjectAccessReviewSpec emit req
   3 status   SubjectAccessReviewStatus   emit

SelfSubjectAccessReviewSpec
   1 resourceAttributes    ResourceAttributes?
   2 nonResourceAttributes NonResourceAttributes?

SelfSubjectRulesReview kind
   1 metadata meta.ObjectMeta            emit
   2 spec     SelfSubjectRulesReviewSpec emit req
   3 status   SubjectRulesReviewStatus   emit

SelfSubjectRulesReviewSpec
   1 namespace string

SubjectAccessReview kind
   1 metadata meta.ObjectMeta           emit
   2 spec     SubjectAccessReviewSpec   emit req
   3 status   SubjectAccessReviewStatus emit

SubjectAccessReviewSpec
   1 resourceAttributes    ResourceAttributes?
   2 nonResourceAttributes NonResourceAttributes?
   3 user                  string
   4 groups                []string               list=atomic
   5 extra                 map[string]ExtraValue
   6 uid                   string

SubjectAccessReviewStatus
   1 allowed         bool   emit req
   4 denied          bool
   2 reason          string
   3 evaluationError string

SubjectRulesReviewStatus
   1 resourceRules    []ResourceRule    emit req list=atomic
   2 nonResourceRules []NonResourceRule emit req list=atomic
   3 incomplete       bool              emit req
   4 evaluationError  string
`;
