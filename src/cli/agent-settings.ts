// What the agent is started with, as data: it crosses from `kts server` to the agent thread, so it is plain values only.

import type { NodeOptions } from './options.ts';

/** Settings of one agent. */
export interface AgentSettings {
  readonly options: NodeOptions;
  /** `https://host:port` of the server to join. */
  readonly server: string;
  readonly token: string;
  readonly nodeName: string;
  /** Where the files of this build are unpacked. */
  readonly buildDirectory: string;
  /** Where programs are looked for. */
  readonly searchPath: readonly string[];
}

/** What the agent tells of itself, from its thread. */
export type AgentMessage =
  | { readonly kind: 'ready'; readonly milliseconds: number }
  /** It cannot go on; `code` is that of the KtsError, if it was one. */
  | { readonly kind: 'failed'; readonly message: string; readonly code: string }
  | { readonly kind: 'stopped' };
