// /healthz, /livez and /readyz: named checks, each also under its own path, with ?verbose and ?exclude.
// https://kubernetes.io/docs/reference/using-api/health-checks/

import type { Exchange } from './exchange.ts';
import type { Route } from './routes.ts';

/** One check. */
export interface HealthCheck {
  readonly name: string;
  /** Which endpoints ask it. */
  readonly endpoints: readonly ('healthz' | 'livez' | 'readyz')[];
  /** Undefined = healthy; otherwise why not (shown to operators with --v only, so it goes to the log). */
  check(): string | undefined;
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

function report(exchange: Exchange, endpoint: string, checks: readonly HealthCheck[]): void {
  const excluded = new Set(exchange.query.getAll('exclude'));
  const lines: string[] = [];
  let failed = 0;
  for (const { name, check } of checks) {
    if (excluded.delete(name)) lines.push(`[+]${name} excluded: ok`);
    else if (check() === undefined) lines.push(`[+]${name} ok`);
    else {
      lines.push(`[-]${name} failed: reason withheld`);
      failed++;
    }
  }
  for (const name of excluded) lines.push(`warn: some health checks cannot be excluded: no matches for "${name}"`);
  if (failed > 0) exchange.send(500, TEXT, `${lines.join('\n')}\n${endpoint} check failed\n`);
  else if (exchange.query.has('verbose')) exchange.send(200, TEXT, `${lines.join('\n')}\n${endpoint} check passed\n`);
  else exchange.send(200, TEXT, 'ok');
}

/** Routes of the three endpoints and of each check. */
export function healthRoutes(checks: () => readonly HealthCheck[]): Route[] {
  return (['healthz', 'livez', 'readyz'] as const).flatMap((endpoint): Route[] => {
    const own = (): HealthCheck[] => checks().filter((check) => check.endpoints.includes(endpoint));
    return [
      { path: `/${endpoint}`, handle: (exchange) => report(exchange, endpoint, own()) },
      {
        path: `/${endpoint}/`,
        listed: false,
        handle: (exchange) => {
          const name = exchange.path.slice(endpoint.length + 2);
          const found = own().filter((check) => check.name === name);
          if (found.length === 0) exchange.send(404, TEXT, '404 page not found\n');
          else report(exchange, endpoint, found);
        },
      },
    ];
  });
}
