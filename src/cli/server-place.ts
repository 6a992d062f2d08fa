// Where a server runs.

/** What is known of this machine before anything starts. */
export interface ServerPlace {
  readonly nodeName: string;
  /** Address of this machine that others reach it by. */
  readonly address: string;
  /** The join secret and that of agents, as the operator gave them. */
  readonly token: string | undefined;
  readonly agentToken: string | undefined;
}
