// A write together with what it costs: admission's budgets are asked and booked in the same turn of the event loop as the write itself.

import type { Store } from '../store/store.ts';
import type { AdmissionRun } from './admission-run.ts';

/**
 * Asks the budgets, writes, and books. Nothing is booked for a write that does not get into the head state. What is written comes before what is
 * booked, so whoever sees the one in a read of the store has seen the other. @throws StatusError of a budget, StoreError of the write
 */
export async function bookedWrite<T>(
  place: { readonly store: Pick<Store, 'head'>; readonly key: string; readonly run: Pick<AdmissionRun, 'draw'> },
  write: () => Promise<T>,
): Promise<T> {
  const revision = (): number | undefined => place.store.head(place.key)?.revision;
  const before = revision();
  const settle = place.run.draw();
  const written = write();
  if (!settle || revision() === before) return await written;
  const [result] = await Promise.all([written, settle()]);
  return result;
}
