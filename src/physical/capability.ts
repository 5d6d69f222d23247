// Whether an executor runs an operation, and if not, why: for the planner, which falls back operator by operator, and
// for explain(), which prints the reason.

export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export const SUPPORTED: Support = Object.freeze({ ok: true });

export function unsupported(reason: string): Support {
  return { ok: false, reason };
}
