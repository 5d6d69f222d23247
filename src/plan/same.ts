// Whether two plans ask the same of the same rows, told from what their nodes hold: a node's new property counts by itself.

import type { LogicalPlan, Scan } from "./logical_plan.ts";
import { inputsOf, isScan } from "./tree.ts";

/** The one scan that all is made of, by operators of one input each; null: there are several. */
export function onlyScan(plan: LogicalPlan): Scan | null {
  let node = plan;
  while (!isScan(node)) {
    const [input, ...others] = inputsOf(node);
    if (input === undefined || others.length > 0) return null;
    node = input;
  }
  return node;
}

/**
 * Scans are the same where they are one object, as is what is no plain object; all other nodes where what they hold is.
 * Schemas follow from the rest.
 */
export function isSamePlan(a: LogicalPlan, b: LogicalPlan): boolean {
  return isSame(a, b);
}

/**
 * Can nobody change what the plan's operators hold, which is at most so many values? A Date can be set, a RegExp compiled
 * anew, and an array that is not frozen filled.
 */
export function isFixedPlan(plan: LogicalPlan, most: number): boolean {
  let left = most;
  const isFixed = (value: unknown): boolean => {
    left -= 1;
    if (left < 0) return false;
    if (typeof value !== "object" || value === null) return typeof value !== "function";
    if (!isRecord(value) || !Object.isFrozen(value)) return false;
    return isSource(value) || Object.values(withoutSchema(value)).every(isFixed);
  };
  return isFixed(plan);
}

type PlainRecord = Readonly<Record<string, unknown>>;

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isRecord(a) || !isRecord(b) || isSource(a) || Array.isArray(a) !== Array.isArray(b)) {
    return false;
  }
  const own = withoutSchema(a);
  const other = withoutSchema(b);
  const keys = Object.keys(own);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(own[key], other[key]))
  );
}

/** Plain objects and arrays; all else is what it is. */
function isRecord(value: unknown): value is PlainRecord {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function isSource({ kind }: PlainRecord): boolean {
  return kind === "scanTable" || kind === "scanCsv" || kind === "scanPersisted";
}

function withoutSchema(record: PlainRecord): PlainRecord {
  if (!("schema" in record)) return record;
  const { schema: _, ...rest } = record;
  return rest;
}
