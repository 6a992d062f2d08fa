// Sends audit events to a webhook: an EventList in JSON, tried again with longer and longer pauses, whatever it failed by.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#webhook-backend

import { readFile } from 'node:fs/promises';
import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import type { Clock, Timer } from '../../base/clock.ts';
import { KtsError } from '../../base/errors.ts';
import { EVENT_HEAD } from './audit-event.ts';
import type { AuditOutput } from './audit-sink.ts';

/** Requests at a time: a receiver that is slow is not helped by more. */
const MAX_REQUESTS = 4;
/** A receiver has this long to answer. */
const TIMEOUT_MS = 30_000;
/** A batch is sent at most so often, and pauses grow by that, spread by so much: upstream's back-off of webhooks. */
const ATTEMPTS = 5;
const FACTOR = 1.5;
const JITTER = 0.2;
/** At the end of the server all that is left has this long to arrive. */
const STOP_MS = 5_000;
/** An unused connection is kept this long. */
const IDLE_MS = 60_000;

/** Where the webhook is and how the server proves itself: what a kubeconfig says. */
export interface WebhookAccess {
  /** `https://…` or `http://…`, with its path. */
  readonly url: string;
  /** PEM to trust instead of the machine's authorities. */
  readonly ca?: string;
  readonly serverName?: string;
  /** Whoever answers is believed. */
  readonly insecure?: boolean;
  /** PEM of a client certificate and its key. */
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
  /** Read with each request: tokens in files are renewed. */
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
}

/** What it is made with. */
export interface AuditWebhookOptions {
  readonly access: WebhookAccess;
  /** First pause after a failure, milliseconds. */
  readonly initialBackoffMs: number;
}

/** What it needs. */
export interface AuditWebhookDeps {
  readonly clock: Pick<Clock, 'after' | 'sleep'>;
  /** From 0 to 1. Default Math.random. */
  readonly random?: () => number;
}

/** The webhook. */
export class AuditWebhook implements AuditOutput {
  readonly name = 'audit-webhook';
  readonly plugin = 'webhook';
  readonly parallel = MAX_REQUESTS;
  readonly #options: AuditWebhookOptions;
  readonly #clock: AuditWebhookDeps['clock'];
  readonly #random: () => number;
  /** Ends pauses: the server stops. */
  readonly #hurry = new AbortController();
  /** Ends requests: it has stopped. */
  readonly #end = new AbortController();
  #endTimer: Timer | undefined;
  #agent: Agent | undefined;

  constructor(options: AuditWebhookOptions, deps: AuditWebhookDeps) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#random = deps.random ?? Math.random;
  }

  async start(): Promise<void> {}

  /** From now on nothing is tried twice, and little time is left for it. */
  hurry(): void {
    this.#hurry.abort();
    this.#endTimer ??= this.#clock.after(STOP_MS, () => this.#end.abort());
  }

  async stop(): Promise<void> {
    this.hurry();
    this.#endTimer?.cancel();
    this.#end.abort();
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /** Sends lines. @throws KtsError `audit-webhook` after the last attempt */
  async deliver(lines: readonly string[]): Promise<void> {
    const items = lines.map((line) => `{${line.slice(EVENT_HEAD.length).trimEnd()}`);
    const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(',')}]}\n`;
    await this.#send(Buffer.from(body));
  }

  async #send(body: Buffer): Promise<void> {
    let pause = this.#options.initialBackoffMs;
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= ATTEMPTS || this.#hurry.signal.aborted;
      try {
        await this.#post(body);
        return;
      } catch (error) {
        if (isLast) throw error;
      }
      // A pause that is cut short, or is not begun, leads to the last attempt.
      await this.#clock.sleep(pause * (1 + JITTER * this.#random()), this.#hurry.signal).catch(() => {});
      pause *= FACTOR;
    }
  }

  async #post(body: Buffer): Promise<void> {
    const { url } = this.#options.access;
    const send = url.startsWith('https:') ? (await import('node:https')).request : requestHttp;
    this.#agent ??= await agentFor(url);
    const headers = await headersOf(this.#options.access, body);
    const late = new AbortController();
    const timer = this.#clock.after(TIMEOUT_MS, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#end.signal]);
    const options = { ...tlsOptions(this.#options.access), agent: this.#agent, method: 'POST', headers, signal };
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = send(url, options, resolve);
        sent.on('error', reject);
        sent.end(body);
      });
      for await (const _ of answer); // The connection is free once the answer is read.
      const { statusCode = 0 } = answer;
      if (statusCode < 200 || statusCode > 299) throw new KtsError('audit-webhook', `HTTP ${statusCode}`);
    } catch (error) {
      if (late.signal.aborted) throw new KtsError('audit-webhook', 'no answer in time', { cause: error });
      throw error;
    } finally {
      timer.cancel();
    }
  }
}

async function agentFor(url: string): Promise<Agent> {
  const { Agent } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  return new Agent({ keepAlive: true, maxSockets: MAX_REQUESTS, maxFreeSockets: 1, timeout: IDLE_MS });
}

function tlsOptions({ ca, serverName, insecure, certificate, key }: WebhookAccess): object {
  return {
    ...(ca !== undefined && { ca, allowPartialTrustChain: true }),
    ...(serverName !== undefined && { servername: serverName }),
    ...(insecure && { rejectUnauthorized: false }),
    ...(certificate !== undefined && key !== undefined && { cert: certificate, key }),
  };
}

async function headersOf(access: WebhookAccess, body: Buffer): Promise<Record<string, string | number>> {
  const { tokenFile, username, password = '' } = access;
  const token = tokenFile === undefined ? access.token : (await readFile(tokenFile, 'utf8')).trim();
  const basic = username === undefined ? undefined : Buffer.from(`${username}:${password}`).toString('base64');
  const authorization = token !== undefined ? `Bearer ${token}` : basic && `Basic ${basic}`;
  return {
    'content-type': 'application/json',
    'content-length': body.byteLength,
    'user-agent': 'kube-apiserver-audit',
    accept: 'application/json, */*',
    ...(authorization !== undefined && { authorization }),
  };
}
