// core messages (package io.k8s.apimachinery.pkg.runtime). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.apimachinery.pkg.runtime. */
export const RUNTIME = `
TypeMeta hidden
   1 apiVersion string
   2 kind       string

Unknown typed hidden form=unknown
   1 * TypeMeta inline proto=typeMeta
   2 ~ bytes    proto=raw
   3 ~ string   proto=contentEncoding
   4 ~ string   proto=contentType
`;
