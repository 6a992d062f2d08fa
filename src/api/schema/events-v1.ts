// events.k8s.io/v1 messages (package io.k8s.api.events.v1). The notation is explained in base/message-table.ts.

/** Message table of io.k8s.api.events.v1. */
export const EVENTS_V1 = `
Event kind
   1 metadata                 meta.ObjectMeta       emit
   2 eventTime                microtime             emit req
   3 series                   EventSeries?
   4 reportingController      string
   5 reportingInstance        string
   6 action                   string
   7 reason                   string
   8 regarding                core.ObjectReference  emit
   9 related                  core.ObjectReference?
  10 note                     string
  11 type                     string
  12 deprecatedSource         core.EventSource      emit
  13 deprecatedFirstTimestamp time                  emit
  14 deprecatedLastTimestamp  time                  emit
  15 deprecatedCount          int32

EventList kind list
   1 metadata meta.ListMeta emit
   2 items    []Event       emit req

EventSeries
   1 count            int32     emit req
   2 lastObservedTime microtime emit req
`;
