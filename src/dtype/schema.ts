// A schema: the ordered, uniquely named columns of a frame.

import { closest } from "fastest-levenshtein";
import {
  at,
  ColumnNotFoundError,
  InvalidArgumentError,
  LONGEST_COMPARED,
  nearestNames,
  shownValue,
} from "../base/index.ts";
import type { DType } from "./dtype.ts";

export interface Field {
  readonly name: string;
  readonly dtype: DType;
}

/** Immutable. Names are unique; any text is a name, the empty one and "__proto__" included. */
export class Schema {
  readonly fields: readonly Field[];
  readonly #indexes: ReadonlyMap<string, number>;

  /** The operator is the one that an error names. */
  constructor(fields: readonly Field[], operator?: string) {
    const indexes = new Map<string, number>();
    let index = 0;
    for (const { name } of fields) {
      indexes.set(name, index++);
      // A name that was there already adds none: looking for each before would take as long again.
      if (indexes.size < index) throw sameNames(name, operator);
    }
    this.fields = Object.freeze([...fields]);
    this.#indexes = indexes;
  }

  get names(): string[] {
    return this.fields.map((field) => field.name);
  }

  get length(): number {
    return this.fields.length;
  }

  has(name: string): boolean {
    return this.#indexes.has(name);
  }

  field(index: number): Field {
    return at(this.fields, index);
  }

  /** The schema of some of the columns, in the order of `names`. */
  select(names: readonly string[], operator?: string): Schema {
    const isAll =
      names.length === this.length && names.every((name, i) => name === this.fields[i]?.name);
    if (isAll) return this;
    return new Schema(names.map((name) => this.field(this.indexOf(name, operator))));
  }

  /**
   * The position of a column.
   * @throws ColumnNotFoundError with the nearest names, InvalidArgumentError for what is no name.
   */
  indexOf(name: string, operator?: string): number {
    const index = this.#indexes.get(name);
    if (index !== undefined) return index;
    if (typeof name !== "string") throw noName(name, operator);
    const nearest = namesFor(name, this.names);
    throw new ColumnNotFoundError(`no column is named ${JSON.stringify(name)}`, {
      column: name,
      nearest,
      ...(operator === undefined ? {} : { operator }),
      hint:
        nearest.length > 0
          ? `Did you mean ${nearest.map((n) => JSON.stringify(n)).join(" or ")}?`
          : `The columns are ${listNames(this.names)}.`,
    });
  }

  dtypeOf(name: string, operator?: string): DType {
    return this.field(this.indexOf(name, operator)).dtype;
  }
}

function noName(name: unknown, operator = "column"): InvalidArgumentError {
  return new InvalidArgumentError(
    `${operator}() takes the name of a column, not ${shownValue(name)}`,
    { operator },
  );
}

function sameNames(name: string, operator: string | undefined): InvalidArgumentError {
  return new InvalidArgumentError(`two columns are named ${JSON.stringify(name)}`, {
    column: name,
    ...(operator === undefined ? {} : { operator }),
    hint: "Give one of them another name with .as() or rename().",
  });
}

/** What may have been meant; of few names the closest, however far. */
function namesFor(name: string, names: readonly string[]): readonly string[] {
  const nearest = nearestNames(name, names);
  const short = names.filter((candidate) => candidate.length <= LONGEST_COMPARED);
  const isFew = name.length <= LONGEST_COMPARED && short.length > 0 && short.length <= 3;
  return nearest.length > 0 || !isFew ? nearest : [closest(name, short)];
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => JSON.stringify(name));
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
