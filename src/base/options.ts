// The options of public methods: an unknown name or a value of the wrong kind is an error, never dropped in silence.

import { InvalidArgumentError } from "./errors.ts";
import { nearestNames } from "./nearest.ts";

/** What a value has to be: its type, one of some texts, or anything, where its reader checks more than that. */
export type OptionKind =
  | "boolean"
  | "string"
  | "number"
  | "function"
  | "signal"
  | "any"
  | readonly string[];

export type OptionKinds<O> = Readonly<Record<keyof O & string, OptionKind>>;

/**
 * An option that is undefined counts as left out.
 * @throws InvalidArgumentError for what is no object, an option that the method does not have, a value of another kind.
 */
export function checkOptions(
  operator: string,
  options: unknown,
  kinds: Readonly<Record<string, OptionKind>>,
  hint?: string,
): void {
  if (options === undefined) return;
  const names = Object.keys(kinds);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `${operator}() takes options as an object, not ${shownValue(options)}`,
      {
        operator,
        hint: hint ?? `The options are ${names.join(", ")}.`,
      },
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw new InvalidArgumentError(`${JSON.stringify(name)} is no option of ${operator}`, {
        operator,
        hint: unknownHint(name, names, hint),
      });
    }
    const kind = kinds[name] ?? "any";
    if (value === undefined || isOfKind(value, kind)) continue;
    throw new InvalidArgumentError(`${name}: ${shownValue(value)} is not ${kindText(kind)}`, {
      operator,
    });
  }
}

/**
 * The options of a method, with its defaults for what is left out; each has the type of its default, or any where that is
 * null. The defaults themselves where none is given, so that a call without options costs nothing.
 * @throws InvalidArgumentError as checkOptions
 */
export function optionsWith<const O extends Readonly<Record<string, unknown>>>(
  operator: string,
  options: { readonly [N in keyof O]?: unknown } | undefined,
  defaults: O,
): O {
  if (options === undefined) return defaults;
  const kinds = Object.entries(defaults).map(([name, value]) => [name, kindLike(value)]);
  checkOptions(operator, options, Object.fromEntries(kinds));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function kindLike(value: unknown): OptionKind {
  const type = typeof value;
  return type === "boolean" || type === "string" || type === "number" ? type : "any";
}

/**
 * Arguments behind those that a method takes, which JavaScript would drop.
 * @throws InvalidArgumentError with what to write instead, if there are any.
 */
export function refuseMore(operator: string, extra: readonly unknown[], hint: string): void {
  if (extra.every((value) => value === undefined)) return;
  throw new InvalidArgumentError(`${operator}() does not take ${shownValue(extra[0])} there`, {
    operator,
    hint,
  });
}

function unknownHint(name: string, names: readonly string[], hint: string | undefined): string {
  const begun = names.filter((other) => other.startsWith(name) || name.startsWith(other));
  const [nearest] = [...begun, ...nearestNames(name, names)];
  if (nearest !== undefined) return `Did you mean ${JSON.stringify(nearest)}?`;
  return hint ?? (names.length === 0 ? "It has none." : `The options are ${names.join(", ")}.`);
}

function isOfKind(value: unknown, kind: OptionKind): boolean {
  if (kind === "any") return true;
  if (kind === "signal") return isSignal(value);
  return typeof kind === "string" ? typeof value === kind : kind.includes(value as string);
}

/** By its shape: signals of other realms and of libraries are signals too. */
function isSignal(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "aborted") === "boolean" &&
    typeof Reflect.get(value, "addEventListener") === "function"
  );
}

function kindText(kind: OptionKind): string {
  if (typeof kind !== "string") return kind.map((text) => JSON.stringify(text)).join(" or ");
  switch (kind) {
    case "boolean":
      return "true or false";
    case "string":
      return "a text";
    case "signal":
      return "an AbortSignal";
    default:
      return `a ${kind}`;
  }
}

/**
 * What was given, for messages: no value makes it throw, and none makes it long.
 */
export function shownValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "a list" : "an object";
    case "function":
      return "a function";
    default:
      return String(value);
  }
}
