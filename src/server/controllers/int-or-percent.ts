// Fields that hold a number or a percentage of one (IntOrString). Pure.

/**
 * The number of `total` that the value stands for. A percentage is rounded with `round`, a number is taken as it is, anything else is 0.
 * Rule: apimachinery's GetScaledValueFromIntOrPercent.
 */
export function scaledValue(value: number | string | undefined, total: number, round: (n: number) => number): number {
  if (typeof value !== 'string') return value ?? 0;
  return value.endsWith('%') ? round((Number.parseInt(value, 10) * total) / 100) : 0;
}
