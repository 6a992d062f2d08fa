// The network configuration that the container runtime reads: its presence says that the node's pod network is ready.

/** Name of the file in the runtime's configuration directory; `10-` as is the custom, so that an operator's `00-` wins. */
export const CONFLIST_FILE = '10-kts.conflist';

/** The text of the configuration list. `socket` is the agent's CNI socket. */
export function conflistText(options: { readonly socket: string }): string {
  return `${JSON.stringify(
    {
      cniVersion: '1.0.0',
      name: 'kts',
      plugins: [{ type: 'kts', socket: options.socket, capabilities: { portMappings: true } }],
    },
    undefined,
    2,
  )}\n`;
}
