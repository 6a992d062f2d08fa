// Which mutating webhooks are asked again in the second round of a request: those that want it and were asked before a change.

import { deepCopy, deepEqual } from '../../../api/copy.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { AdmissionRequest } from '../admission.ts';

/** The state of one request across its rounds. */
export class Reinvocation {
  /** Asked since the last change; they have seen the object as it is. */
  readonly #upToDate = new Set<string>();
  /** Asked before the last change. */
  readonly #outdated = new Set<string>();
  #output: KubeObject | undefined;

  /** At the start of a round: what other plugins have changed since the last one makes all webhooks outdated. */
  begin(request: AdmissionRequest): void {
    if (request.round === 1 && !deepEqual(this.#output, request.object)) this.#outdate();
  }

  /** The second round is for those that were asked in the first and have not seen the object as it is. */
  shouldCall(request: AdmissionRequest, id: string): boolean {
    return request.round === 0 || this.#outdated.has(id);
  }

  /** A webhook has changed the object. */
  changed(request: AdmissionRequest): void {
    this.#outdate();
    request.runAgain();
  }

  /** A webhook that wants to see later changes was asked. */
  called(id: string): void {
    this.#upToDate.add(id);
  }

  /** At the end of a round. */
  end(request: AdmissionRequest): void {
    const again = this.#upToDate.size + this.#outdated.size > 0;
    if (again && request.object) this.#output = deepCopy(request.object);
  }

  #outdate(): void {
    for (const id of this.#upToDate) this.#outdated.add(id);
    this.#upToDate.clear();
  }
}
