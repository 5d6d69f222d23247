// A schema: the ordered, uniquely named columns of a frame.

import { closest, distance } from "fastest-levenshtein";
import { at, ColumnNotFoundError, InvalidArgumentError } from "../base/index.ts";
import type { DType } from "./dtype.ts";

export interface Field {
  readonly name: string;
  readonly dtype: DType;
}

/** Immutable. Names are unique; any text is a name, the empty one and "__proto__" included. */
export class Schema {
  readonly fields: readonly Field[];
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(fields: readonly Field[]) {
    const indexes = new Map<string, number>();
    let index = 0;
    for (const { name } of fields) {
      indexes.set(name, index++);
      // A name that was there already adds none: looking for each before would take as long again.
      if (indexes.size < index) throw sameNames(name);
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
   * @throws ColumnNotFoundError with the nearest names.
   */
  indexOf(name: string, operator?: string): number {
    const index = this.#indexes.get(name);
    if (index !== undefined) return index;
    const nearest = nearestNames(name, this.names);
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

function sameNames(name: string): InvalidArgumentError {
  return new InvalidArgumentError(`two columns are named ${JSON.stringify(name)}`, {
    column: name,
    hint: "Give one of them another name with .as() or rename().",
  });
}

/** At most three names within a third of the length in edits, best first. */
function nearestNames(name: string, names: readonly string[]): string[] {
  const short = names.filter((candidate) => candidate.length <= 256);
  if (name.length > 256 || short.length === 0) return [];
  const folded = name.toLowerCase();
  const limit = Math.max(2, Math.ceil(name.length / 3));
  const ranked = short
    .map((candidate) => ({ candidate, edits: distance(folded, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
  return ranked.length > 0 || short.length > 3 ? ranked : [closest(name, short)];
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => JSON.stringify(name));
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
