// Paths that are no resources: a table of routes, exact or by prefix, searched from the most exact.

import type { Exchange } from './exchange.ts';

/** One route. A `path` that ends in `/` also serves everything below it. */
export interface Route {
  readonly path: string;
  /** Methods served. Default GET and HEAD. */
  readonly methods?: readonly string[];
  /** Served before authentication and authorization (the handler decides for itself): what joining agents ask for. */
  readonly open?: boolean;
  /** Answered when it is done, however long that takes: no deadline, and its seat stays taken. */
  readonly unhurried?: boolean;
  /** Listed at `/`. Default true. */
  readonly listed?: boolean;
  handle(exchange: Exchange): Promise<void> | void;
}

/** Finds routes. */
export class RouteTable {
  readonly #exact = new Map<string, Route>();
  readonly #prefixes: Route[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      this.#exact.set(route.path, route);
      if (route.path.endsWith('/') && route.path !== '/') this.#prefixes.push(route);
    }
    this.#prefixes.sort((a, b) => b.path.length - a.path.length);
  }

  /** The route of a path, or undefined. A trailing slash does not matter. */
  find(path: string): Route | undefined {
    return (
      this.#exact.get(path) ?? this.#exact.get(path.replace(/\/+$/, '')) ?? this.#prefixes.find((route) => path.startsWith(route.path))
    );
  }

  /** The paths to list at `/`, in order. */
  paths(): string[] {
    return [...this.#exact.values()].filter((route) => route.listed !== false && route.path !== '/').map((route) => route.path);
  }
}

/** Whether a route serves a method. */
export function serves(route: Route, method: string): boolean {
  return route.methods ? route.methods.includes(method) : method === 'GET' || method === 'HEAD';
}
