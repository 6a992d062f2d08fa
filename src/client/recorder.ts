// Contract of the event recorder. Implemented by client/event-recorder.ts (core/v1 Events; the same event again raises its
// count instead of making another, with a bound per object, as client-go's correlator does).

import type { KubeObject } from '../api/object.ts';

/** Who an event is about: any object, or a reference (`fieldPath` e.g. `spec.containers{web}`). */
export interface EventSubject {
  readonly object: KubeObject;
  readonly fieldPath?: string;
}

/** Writes events in the background; never throws, never waits. */
export interface EventRecorder {
  event(subject: KubeObject | EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}
