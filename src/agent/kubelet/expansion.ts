// `$(NAME)` references in command, args, env values and subPathExpr: `$$` is a dollar, an unknown name stays as written.

/** Expands references by `lookup`; a name without a value stays `$(NAME)`. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return lookup(name) ?? whole;
  });
}
