// authentication.k8s.io/v1 messages (package io.k8s.api.authentication.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.authentication.v1. */
export const AUTHENTICATION_V1 = `
BoundObjectReference
   1 kind       string
   2 apiVersion string
   3 name       string
   4 uid        string proto=uID

ExtraValue hidden form=list
   1 ~ []string proto=items

SelfSubjectReview kind
   1 metadata meta.ObjectMeta         emit
   2 status   SelfSubjectReviewStatus emit

SelfSubjectReviewStatus
   1 userInfo UserInfo emit

TokenRequest kind
   1 metadata meta.ObjectMeta    emit
   2 spec     TokenRequestSpec   emit
   3 status   TokenRequestStatus emit

TokenRequestSpec
   1 audiences         []string              emit list=atomic
   4 expirationSeconds int64?                emit
   3 boundObjectRef    BoundObjectReference? emit

TokenRequestStatus
   1 token               string emit
   2 expirationTimestamp time   emit

TokenReview kind
   1 metadata meta.ObjectMeta   emit
   2 spec     TokenReviewSpec   emit req
   3 status   TokenReviewStatus emit

TokenReviewSpec
   1 token     string   req
   2 audiences []string list=atomic

TokenReviewStatus
   1 authenticated bool
   2 user          UserInfo emit
   4 audiences     []string list=atomic
   3 error         string

UserInfo
   1 username string
   2 uid      string
   3 groups   []string              list=atomic
   4 extra    map[string]ExtraValue
`;
