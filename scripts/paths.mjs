// Where things are, from the repository root.
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

export const rootPath = (relative) => fileURLToPath(new URL(relative, root));
