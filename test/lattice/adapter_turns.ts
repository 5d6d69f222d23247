// How adapters share cases. SwiftShader takes three to four times as long for one as llvmpipe, nearly all of it compiling, so
// it takes one in four where there is another adapter: enough that each kind of case meets both compilers.

const SLOW = /SwiftShader/;

/** The index of the adapter that takes each turn, of a round of turns. */
export function turnsOf(adapterNames: readonly string[]): readonly number[] {
  return adapterNames.flatMap((name, adapter) =>
    Array.from({ length: SLOW.test(name) ? 1 : 3 }, () => adapter),
  );
}
