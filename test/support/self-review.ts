// Who a bearer token makes of its bearer, by a SelfSubjectReview over a connection that has no other credentials.

import type { Http2Transport } from '../../src/client/http2-transport.ts';

/** The answer; `status` is the HTTP code, the rest is there where it is 201. */
export interface SelfReview {
  readonly status: number;
  readonly username?: string;
  readonly groups?: string[];
  readonly extra?: object;
}

/** Asks the API server. */
export async function whoAmI(client: Http2Transport, bearer: string): Promise<SelfReview> {
  const { status, body } = await client.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
  });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { status, ...JSON.parse(Buffer.concat(chunks).toString()).status?.userInfo };
}
