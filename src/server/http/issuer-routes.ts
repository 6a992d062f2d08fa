// What others need to verify service-account tokens: the issuer's discovery document and its keys (OpenID Connect Discovery 1.0).
// Who may read them is authorization's business: the role system:service-account-issuer-discovery.

import type { Route } from './routes.ts';

/** What tells of the issuer. */
export interface IssuerDocuments {
  keySet(): object;
  discovery(jwksUri: string): object;
}

/** The two routes. `serverUrl` is the base URL as clients reach the server. */
export function issuerRoutes(issuer: IssuerDocuments, serverUrl: () => string): Route[] {
  const cached = { 'cache-control': 'public, max-age=3600' };
  return [
    {
      path: '/.well-known/openid-configuration',
      handle: (exchange) => {
        const document = issuer.discovery(`${serverUrl()}/openid/v1/jwks`);
        exchange.send(200, { 'content-type': 'application/json', ...cached }, JSON.stringify(document));
      },
    },
    {
      path: '/openid/v1/jwks',
      handle: (exchange) => exchange.send(200, { 'content-type': 'application/jwk-set+json', ...cached }, JSON.stringify(issuer.keySet())),
    },
  ];
}
