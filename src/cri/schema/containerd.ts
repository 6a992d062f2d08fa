// The few messages of containerd's own API that are used: event subscription, version, and the events about tasks.
// The notation is explained in base/message-table.ts. Names carry a prefix where CRI has the same name.

/** Message table of containerd. */
export const CONTAINERD_MESSAGES = `
SubscribeRequest
   1 filters []string

EventEnvelope
   1 timestamp EventTimestamp
   2 namespace string
   3 topic     string
   4 event     AnyEvent

EventTimestamp
   1 seconds int64
   2 nanos   int32

AnyEvent
   1 typeUrl string
   2 value   bytes

TaskStart
   1 containerId string
   2 pid         uint32

TaskExit
   1 containerId string
   2 id          string
   3 pid         uint32
   4 exitStatus  uint32
   5 exitedAt    EventTimestamp

TaskOom
   1 containerId string

ContainerdVersionRequest

ContainerdVersionResponse
   1 version  string
   2 revision string
`;
