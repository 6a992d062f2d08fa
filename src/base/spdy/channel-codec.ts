// Kubernetes' remote command protocol over WebSockets (subprotocols of exec and attach): messages as values. Pure.
// A message is a channel number and its bytes; the base64 variants send both as text. v5 adds "close this channel".

/** Numbers of the channels. */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** In v5 a message on this channel closes the channel named by its one byte. */
const CLOSE_CHANNEL = 255;

/** Subprotocols that exec and attach accept, `''` (none asked for) meaning the same as `channel.k8s.io`. */
export const REMOTE_COMMAND_PROTOCOLS: readonly string[] = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
];

/** How a subprotocol encodes. */
export interface ChannelCodec {
  /** Messages are text: an ASCII digit and base64. */
  readonly base64: boolean;
  /** Channel 255 closes a channel (v5). */
  readonly closes: boolean;
  /** The error channel carries a meta/v1 Status (v4 and later), else plain text and only for failures. */
  readonly status: boolean;
}

/** The codec of one of REMOTE_COMMAND_PROTOCOLS. */
export function channelCodec(protocol: string): ChannelCodec {
  return {
    base64: protocol.includes('base64'),
    closes: protocol.startsWith('v5.'),
    status: protocol.startsWith('v4.') || protocol.startsWith('v5.'),
  };
}

/** A message for the client. A string is to be sent as text, bytes as binary. */
export function encodeChannelMessage(codec: ChannelCodec, channel: number, payload: Buffer): string | Buffer {
  if (codec.base64) return `${channel}${payload.toString('base64')}`;
  const message = Buffer.allocUnsafe(payload.length + 1);
  message[0] = channel;
  message.set(payload, 1);
  return message;
}

/** What a client said. */
export type ClientMessage =
  | { readonly type: 'data'; readonly channel: number; readonly payload: Buffer }
  | { readonly type: 'close'; readonly channel: number }
  | { readonly type: 'invalid' };

/** Reads a message of a client. A text message is passed as its bytes. */
export function decodeChannelMessage(codec: ChannelCodec, message: Buffer): ClientMessage {
  const [first, second] = message;
  if (first === undefined) return { type: 'invalid' };
  if (codec.base64) {
    const digit = first - 0x30;
    if (digit < 0 || digit > 9) return { type: 'invalid' };
    return { type: 'data', channel: digit, payload: Buffer.from(message.toString('latin1', 1), 'base64') };
  }
  if (first === CLOSE_CHANNEL && codec.closes) {
    return message.length === 2 && second !== undefined ? { type: 'close', channel: second } : { type: 'invalid' };
  }
  return { type: 'data', channel: first, payload: message.subarray(1) };
}

/** What goes on the error channel for a Status in JSON: itself, or for the oldest protocols its message; undefined = nothing. */
export function errorChannelPayload(codec: ChannelCodec, statusJson: Buffer): Buffer | undefined {
  if (codec.status) return statusJson;
  let status: unknown;
  try {
    status = JSON.parse(statusJson.toString());
  } catch {
    // Not a Status: a text that the runtime wrote; the client gets it as it is.
    return statusJson;
  }
  if (typeof status !== 'object' || status === null) return statusJson;
  if ('status' in status && status.status === 'Success') return undefined;
  return 'message' in status && typeof status.message === 'string' ? Buffer.from(status.message) : statusJson;
}
