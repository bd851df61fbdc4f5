// Completion of a job's YAML from the schema: keys where a key is written, words where a value is.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { SchemaKey } from "./api";
import * as store from "./store";

const kLine = /^(\s*(?:- +)*)([\w.]*)$/; // a key that is being written
const kValue = /^(\s*(?:- +)*)([\w.]+):(\s+)(\S*)$/; // a value that is
const kFlow = /[{,]\s*([\w.]*)$/; // a key within {...}

const kSection = /^(\s*(?:- +)*)([\w.]+):\s*(.*)$/; // any line with a key

/**
 * The sections around a line, as the schema names them: "dream.objectives.N". `lead` is what stands before its key: blanks,
 * and the dashes of a list's items, which count as blanks.
 */
export function sectionOf(linesBefore: string[], lead: string): string {
  const steps: string[] = [];
  let depth = lead.length;
  let isItem = lead.includes("-");
  for (let i = linesBefore.length - 1; i >= 0 && depth > 0; --i) {
    const [, before, key, value] = kSection.exec(linesBefore[i]) ?? [];
    if (key === undefined) continue;
    if (before.length === depth && before.includes("-")) isItem = true;
    if (before.length >= depth || (value && !value.startsWith("#"))) continue;
    steps.unshift(...(isItem ? [key, "N"] : [key]));
    depth = before.length;
    isItem = before.includes("-");
  }
  return steps.join(".");
}

function about(one: SchemaKey): string {
  const parts = [one.sentence, `Takes ${one.type}${one.unit ? `, in ${one.unit}` : ""}.`];
  if (one.default) parts.push(`Default: ${one.default}.`);
  return parts.filter(Boolean).join(" ");
}

/** The keys of a section. */
export function keysIn(section: string, schema: SchemaKey[]): Completion[] {
  const start = section ? `${section}.` : "";
  return schema
    .filter(({ key }) => key.startsWith(start) && key !== section && !key.slice(start.length).includes("."))
    .filter(({ key }) => key !== `${start}N`)
    .map((one) => ({
      label: one.key.slice(start.length),
      type: one.is_section ? "namespace" : "property",
      detail: one.unit,
      info: about(one),
      apply: `${one.key.slice(start.length)}:${one.is_section ? "" : " "}`,
    }));
}

/** The values that a key's schema names, and names of networks, layers, classes and looks. */
function valuesOf(key: string): string[] {
  const one = store.schema.value.find((found) => found.key === key);
  const last = key.slice(key.lastIndexOf(".") + 1);
  const network = store.networkCalled(store.jobNetwork.value);
  if (one?.form === "choice") return one.words;
  if (one?.form === "flag") return ["true", "false"];
  if (last === "network") return store.networks.value.map(({ name }) => name);
  if (last === "look") return store.looks.value.map(({ name }) => name);
  if (last === "layer") return network?.layers ?? [];
  if (last === "class") return network?.classes.map(([first]) => first) ?? [];
  return one?.default ? [one.default] : [];
}

/** For CodeMirror. */
export function completeJob(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const linesBefore = context.state.doc.sliceString(0, line.from).split("\n").slice(0, -1);
  const key = kLine.exec(before);
  if (key) {
    if (!key[2] && !context.explicit) return null;
    const options = keysIn(sectionOf(linesBefore, key[1]), store.schema.value);
    return { from: context.pos - key[2].length, options, validFor: /^[\w.]*$/ };
  }
  const value = kValue.exec(before);
  if (value) {
    const section = sectionOf(linesBefore, value[1]);
    const options = valuesOf((section ? `${section}.` : "") + value[2]).map((label) => ({ label, type: "constant" }));
    return options.length > 0 ? { from: context.pos - value[4].length, options, validFor: /^\S*$/ } : null;
  }
  const flow = kFlow.exec(before);
  const owner = /^(\s*(?:- +)*)([\w.]+):\s*(\[?)/.exec(before);
  if (!flow || !owner || (!flow[1] && !context.explicit)) return null;
  const section = [sectionOf(linesBefore, owner[1]), owner[2], owner[3] ? "N" : ""].filter(Boolean).join(".");
  return { from: context.pos - flow[1].length, options: keysIn(section, store.schema.value), validFor: /^[\w.]*$/ };
}
