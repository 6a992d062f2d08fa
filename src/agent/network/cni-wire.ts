// What goes over the CNI socket: the request as the client (scripts/native/cni-client.c) frames it, and the reply. Pure.

import { cniError } from '../../cni/errors.ts';

/** Most bytes of a request: a configuration with a previous result is a few kB. */
export const REQUEST_MAX = 1 << 20;

/** The variables that are sent. */
const CNI_VARIABLES = ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH'] as const;

/** A request as it arrives. */
export interface WireRequest {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** What the client prints and exits with. */
export interface WireReply {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Variables as `NAME=VALUE\0`, an empty one, then standard input. */
export function encodeRequest(env: Readonly<Record<string, string | undefined>>, stdin: string): Buffer {
  const variables = CNI_VARIABLES.filter((name) => env[name] !== undefined).map((name) => `${name}=${env[name]}\0`);
  return Buffer.from(`${variables.join('')}\0${stdin}`);
}

/** @throws KtsError `cni-io` when the bytes are not a request. */
export function decodeRequest(bytes: Uint8Array): WireRequest {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const end = text.startsWith('\0') ? 0 : text.indexOf('\0\0') + 1;
  if (end === 0 && !text.startsWith('\0')) throw cniError('cni-io', 'the request was cut short');
  const env: Record<string, string> = {};
  for (const variable of text.slice(0, end).split('\0').filter(Boolean)) {
    const equals = variable.indexOf('=');
    env[variable.slice(0, equals)] = variable.slice(equals + 1);
  }
  return { env, stdin: text.slice(end + 1) };
}

/** The exit code in decimal, a newline, standard output. */
export function encodeReply(reply: WireReply): string {
  return `${reply.exitCode}\n${reply.stdout}`;
}

/** @throws KtsError `cni-try-again` when the agent gave no whole answer. */
export function decodeReply(text: string): WireReply {
  const newline = text.indexOf('\n');
  const exitCode = Number(text.slice(0, newline));
  if (newline < 1 || !Number.isInteger(exitCode)) throw cniError('cni-try-again', 'the kts agent gave no answer: try again later');
  return { exitCode, stdout: text.slice(newline + 1) };
}
