// certificates.k8s.io/v1 messages (package io.k8s.api.certificates.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.certificates.v1. */
export const CERTIFICATES_V1 = `
open enum RequestConditionType = Approved | Denied | Failed
enum KeyUsage = signing | "digital signature" | "content commitment" | "key encipherment" | "key agreement" | "data encipherment" | "cert sign" | "crl sign" | "encipher only" | "decipher only" | any | "server auth" | "client auth" | "code signing" | "email protection" | s/mime | "ipsec end system" | "ipsec tunnel" | "ipsec user" | timestamping | "ocsp signing" | "microsoft sgc" | "netscape sgc"

CertificateSigningRequest kind
   1 metadata meta.ObjectMeta                 emit
   2 spec     CertificateSigningRequestSpec   emit req
   3 status   CertificateSigningRequestStatus emit

CertificateSigningRequestCondition
   1 type               string emit req enum=RequestConditionType
   6 status             string emit req enum=io.k8s.api.core.v1.ConditionStatus
   2 reason             string
   3 message            string
   4 lastUpdateTime     time   emit
   5 lastTransitionTime time   emit

CertificateSigningRequestList kind list
   1 metadata meta.ListMeta               emit
   2 items    []CertificateSigningRequest emit req

CertificateSigningRequestSpec
   1 request           bytes                 emit req
   7 signerName        string                emit req
   8 expirationSeconds int32?
   5 usages            []string              list=atomic enum=KeyUsage
   2 username          string
   3 uid               string
   4 groups            []string              list=atomic
   6 extra             map[string]ExtraValue

CertificateSigningRequestStatus
   1 conditions  []CertificateSigningRequestCondition list=map(type)
   2 certificate bytes

ExtraValue hidden form=list
   1 ~ []string proto=items
`;
