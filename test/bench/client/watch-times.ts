// Time from the answer to a write until another client's watch has the event.

import { CONFIG_MAPS } from '../../../src/client/resources.ts';
import { type Summary, summary } from '../statistics.ts';
import { openClient } from './access.ts';

/** What is measured with. */
export interface WatchTimesInput {
  readonly kubeconfig: string;
  readonly count: number;
}

/** Milliseconds. */
export interface WatchTimes {
  /** 0 where the event came before the answer. */
  readonly afterAnswer: Summary;
  /** From the sending of the write. */
  readonly afterSend: Summary;
}

const NAMESPACE = 'default';
const LABELS = 'bench=watch';
/** Writes before the measured ones: the watch is set up and both sides are warm. */
const WARM_UP = 10;

/** Creates `count` ConfigMaps, one when the event of the one before has come, and removes them. */
export async function watchTimes({ kubeconfig, count }: WatchTimesInput): Promise<WatchTimes> {
  const writer = await openClient(kubeconfig);
  const watcher = await openClient(kubeconfig);
  const ended = new AbortController();
  const seen = new Map<string, (at: number) => void>();
  const { metadata } = await writer.list(CONFIG_MAPS, { namespace: NAMESPACE, limit: 1 });
  const watching = (async () => {
    const selection = { namespace: NAMESPACE, labelSelector: LABELS, resourceVersion: metadata.resourceVersion ?? '0' };
    for await (const event of watcher.watch(CONFIG_MAPS, { ...selection, signal: ended.signal })) {
      seen.get(event.object.metadata.name ?? '')?.(performance.now());
    }
    if (!ended.signal.aborted) throw new RangeError('the watch ended early');
  })();
  const answer: number[] = [];
  const send: number[] = [];
  try {
    for (let i = 0; i < count + WARM_UP; i++) {
      const name = `bench-watch-${i}`;
      const event = new Promise<number>((resolve) => seen.set(name, resolve));
      const sent = performance.now();
      await writer.create(CONFIG_MAPS, { metadata: { name, namespace: NAMESPACE, labels: { bench: 'watch' } }, data: { i: String(i) } });
      const answered = performance.now();
      // `watching` only ends first by failing.
      const at = (await Promise.race([event, watching])) ?? Number.NaN;
      seen.delete(name);
      if (i < WARM_UP) continue;
      answer.push(Math.max(0, at - answered));
      send.push(at - sent);
    }
    await writer.deleteCollection(CONFIG_MAPS, { namespace: NAMESPACE, labelSelector: LABELS });
    return { afterAnswer: summary(answer), afterSend: summary(send) };
  } finally {
    ended.abort();
    await watching;
    await writer.close();
    await watcher.close();
  }
}
