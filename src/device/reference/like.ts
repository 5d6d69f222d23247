// SQL's LIKE: `%` any text, `_` one code point, `\` takes the next character as itself (a last one stands for itself).

/** Does the whole text match? */
export function matchesLike(text: string, pattern: string): boolean {
  return matches([...text], tokens(pattern));
}

type Token =
  | { readonly kind: "any" | "one" }
  | { readonly kind: "literal"; readonly character: string };

function tokens(pattern: string): Token[] {
  const characters = [...pattern];
  const result: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === "%") result.push({ kind: "any" });
    else if (character === "_") result.push({ kind: "one" });
    else if (character === "\\" && i + 1 < characters.length) {
      i += 1;
      result.push({ kind: "literal", character: characters[i] as string });
    } else result.push({ kind: "literal", character });
  }
  return result;
}

/** Greedy matching that goes back only to the last `%`: enough, since an earlier `%` can give nothing that it cannot. */
function matches(text: readonly string[], pattern: readonly Token[]): boolean {
  let [at, token] = [0, 0];
  let retry: { at: number; readonly token: number } | null = null;
  while (at < text.length) {
    const current = pattern[token];
    if (current?.kind === "any") {
      retry = { at, token: token + 1 };
      token += 1;
    } else if (
      current?.kind === "one" ||
      (current?.kind === "literal" && current.character === text[at])
    ) {
      at += 1;
      token += 1;
    } else if (retry !== null) {
      retry.at += 1;
      at = retry.at;
      token = retry.token;
    } else return false;
  }
  return pattern.slice(token).every(({ kind }) => kind === "any");
}
