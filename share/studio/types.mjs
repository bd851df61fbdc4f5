// Writes the keys of a job as TypeScript, so that a key that the page names and no job has is a mistake of types:
//
//   dreamreel schema | node types.mjs > src/schema.ts
import { readFileSync } from "node:fs";

/** Every key below a map of the JSON Schema; "dream.objectives.${number}.layer" stands for those of all items. */
function* keysOf(map, start) {
  for (const [name, node] of Object.entries(map.properties ?? {})) {
    const key = `${start}${name}`;
    yield key;
    yield* keysOf(node, `${key}.`);
    if (!node.items?.properties) continue;
    yield `${key}.\${number}`;
    yield* keysOf(node.items, `${key}.\${number}.`);
  }
}

const keys = [...keysOf(JSON.parse(readFileSync(0, "utf8")), "")];
if (keys.length === 0) throw new Error("expected a JSON Schema with keys");
const names = keys.map((key) => `  | \`${key}\``).join("\n");
process.stdout.write(`// Made by types.mjs from the schema of a job.\n\n/** A key of a job. */\nexport type Key =\n${names};\n`);
