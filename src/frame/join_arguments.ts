// The arguments of join(), as keys of the plan.

import { checkOptions, InvalidArgumentError } from "../base/index.ts";
import type { Schema } from "../dtype/index.ts";
import { type JoinOptions, type JoinValidation, keysOn } from "../plan/index.ts";
import { columnExpr } from "./column_arguments.ts";
import type { ExprOver, JoinHowName, NameOf } from "./schema_types.ts";

export interface JoinSettings<How extends JoinHowName, Suffix extends string> {
  /** Default "inner". */
  readonly how?: How;
  /** For right columns whose names the left side has. Default "_right". */
  readonly suffix?: Suffix;
  /** A null key matches a null key. Default: it matches nothing. */
  readonly nullEquals?: boolean;
  /** Raise when keys of a side that stands as 1 repeat. */
  readonly validate?: JoinValidation;
}

/** Keys that have the same names on both sides: one column a key comes out. */
export interface JoinOn<On extends string, How extends JoinHowName, Suffix extends string>
  extends JoinSettings<How, Suffix> {
  readonly on: On | readonly On[];
}

/** Keys of each side, by name or expression. */
export interface JoinLeftRight<S, R, How extends JoinHowName, Suffix extends string>
  extends JoinSettings<How, Suffix> {
  readonly leftOn: JoinKey<S> | readonly JoinKey<S>[];
  readonly rightOn: JoinKey<R> | readonly JoinKey<R>[];
}
type JoinKey<S> = NameOf<S> | ExprOver<S>;

/** Every left row with every right row. */
export interface JoinCross<Suffix extends string> {
  readonly how: "cross";
  readonly suffix?: Suffix;
}

interface LooseArguments {
  readonly on?: unknown;
  readonly leftOn?: unknown;
  readonly rightOn?: unknown;
  readonly how?: JoinHowName;
  readonly suffix?: string;
  readonly nullEquals?: boolean;
  readonly validate?: JoinValidation;
}

const HINT = 'Write { on: "id" }, or { leftOn: "origin", rightOn: "iata", how: "left" }.';
/** How, validate and the keys are checked where they are read. */
const OPTIONS = {
  on: "any",
  leftOn: "any",
  rightOn: "any",
  how: "any",
  suffix: "string",
  nullEquals: "boolean",
  validate: "any",
} as const;

export function joinOptionsOf(args: LooseArguments, left: Schema, right: Schema): JoinOptions {
  checkOptions("join", args, OPTIONS, HINT);
  const { on, leftOn, rightOn, how = "inner", suffix, nullEquals, validate } = args ?? {};
  const settings = {
    how,
    ...(suffix === undefined ? {} : { suffix }),
    ...(nullEquals === undefined ? {} : { nullEquals }),
    ...(validate === undefined ? {} : { validate }),
  };
  if (on !== undefined) {
    if (leftOn !== undefined || rightOn !== undefined) {
      throw wrong("join() takes `on`, or `leftOn` and `rightOn`");
    }
    const names = listOf(on).map((name) => {
      if (typeof name !== "string") throw wrong("`on` takes names; use leftOn and rightOn");
      left.indexOf(name, "join");
      right.indexOf(name, "join");
      return name;
    });
    return { ...settings, ...keysOn(names) };
  }
  return {
    ...settings,
    leftOn: listOf(leftOn).map((key) => columnExpr(key, left, "join")),
    rightOn: listOf(rightOn).map((key) => columnExpr(key, right, "join")),
  };
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function wrong(message: string): Error {
  return new InvalidArgumentError(message, {
    operator: "join",
    hint: HINT,
  });
}
