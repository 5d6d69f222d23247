// Checks of invariants that the type system cannot hold. Their failure is a bug of the engine, never of its user.

/** Ends an exhaustive switch. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

/** `array[index]`, for an index that the surrounding code guarantees. */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const value = array[index];
  if (value === undefined) throw new Error(`invariant violated: index ${index} of ${array.length}`);
  return value;
}
