// admission.k8s.io/v1 messages (package io.k8s.api.admission.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.admission.v1. */
export const ADMISSION_V1 = `
open enum PatchType = JSONPatch
open enum Operation = CREATE | UPDATE | DELETE | CONNECT

AdmissionRequest hidden
   1 uid                string                     emit
   2 kind               meta.GroupVersionKind      emit
   3 resource           meta.GroupVersionResource  emit
   4 subResource        string
  13 requestKind        meta.GroupVersionKind?
  14 requestResource    meta.GroupVersionResource?
  15 requestSubResource string
   5 name               string
   6 namespace          string
   7 operation          string                     emit enum=Operation
   8 userInfo           authentication.UserInfo    emit
   9 object             raw                        emit
  10 oldObject          raw                        emit
  11 dryRun             bool?
  12 options            raw                        emit

AdmissionResponse hidden
   1 uid              string            emit
   2 allowed          bool              emit
   3 status           meta.Status?
   4 patch            bytes
   5 patchType        string?           enum=PatchType
   6 auditAnnotations map[string]string
   7 warnings         []string          list=atomic

AdmissionReview typed hidden
   1 request  AdmissionRequest?
   2 response AdmissionResponse?
`;
