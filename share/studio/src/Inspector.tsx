import { useMemo, useState } from "preact/hooks";
import type { SchemaKey } from "./api";
import { asKey, valueAt } from "./job_text";
import { kMask, Mask } from "./Mask";
import { kObjectives, Objectives } from "./Objectives";
import * as store from "./store";

// What every job is made with most often comes first; the rest follows the schema.
const kFirst = ["dream", "temporal", "camera", "colour", "audio", "input", "output"];

// "dream.step" is of "dream", "dream.gradient.smooth" of "dream.gradient".
function groupOf(key: string): string {
  return key.includes(".") ? key.slice(0, key.lastIndexOf(".")) : "job";
}

// The place of a group: those of kFirst with their own sections behind them, then the rest.
function placeOf(group: string): number {
  const first = kFirst.indexOf(group.split(".")[0]);
  return first < 0 ? kFirst.length : first;
}

// What a value may be, where that is a list of words.
function words(one: SchemaKey): string[] {
  if (one.form === "choice") return one.words;
  if (one.form === "flag") return ["true", "false"];
  return one.key === "network" ? store.networks.value.map(({ name }) => name) : [];
}

/** A sentence of the reference, in which names stand between backticks. */
function Sentence({ text }: { text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}

function Row({ one, text }: { one: SchemaKey; text: string }) {
  const said = valueAt(text, asKey(one.key));
  const [typed, setTyped] = useState<string | null>(null);
  const [isWrong, setWrong] = useState(false);
  const problem = store.report.value?.problems.find((found) => found.key === one.key || found.key.startsWith(one.key + "."));
  const id = `key-${one.key}`;
  const apply = (value: string) => {
    const isTaken = store.setKey(asKey(one.key), value);
    setWrong(!isTaken);
    if (isTaken) setTyped(null);
  };
  return (
    <div class={said === null ? "row" : "row changed"}>
      <label for={id}>
        {one.key}
        {one.unit && <span class="unit">{one.unit}</span>}
      </label>
      <div class="value">
        <input
          id={id}
          value={typed ?? said ?? ""}
          placeholder={one.default || "not set"}
          aria-invalid={isWrong || Boolean(problem)}
          aria-describedby={`${id}-about`}
          list={words(one).length > 0 ? `${id}-words` : undefined}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onChange={(event) => apply(event.currentTarget.value)}
          spellcheck={false}
        />
        {words(one).length > 0 && (
          <datalist id={`${id}-words`}>
            {words(one).map((word) => (
              <option key={word} value={word} />
            ))}
          </datalist>
        )}
        {said !== null && (
          <button class="plain" aria-label={`Put ${one.key} back to its default`} title="Put back" onClick={() => apply("")}>
            ↺
          </button>
        )}
      </div>
      <p class="about" id={`${id}-about`}>
        {isWrong ? "This is no YAML value." : <Sentence text={problem ? problem.message : `${one.sentence} Takes ${one.type}.`} />}
      </p>
    </div>
  );
}

/** Every key of a job, from the schema that also checks it. */
export function Inspector() {
  const [wanted, setWanted] = useState("");
  const text = store.job.value?.text ?? "";
  const groups = useMemo(() => {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const found = new Map<string, SchemaKey[]>();
    for (const key of store.schema.value) {
      if (key.is_section || key.key.split(".").includes("N")) continue;
      if (words.length === 0 && [kObjectives, kMask].includes(key.key)) continue; // Objectives and Mask have them
      const all = `${key.key} ${key.sentence}`.toLowerCase();
      if (!words.every((word) => all.includes(word))) continue;
      const group = groupOf(key.key);
      found.set(group, [...(found.get(group) ?? []), key]);
    }
    return [...found].sort(([a], [b]) => placeOf(a) - placeOf(b));
  }, [wanted, store.schema.value]);
  return (
    <>
      <input
        class="search"
        type="search"
        placeholder="Search the settings"
        aria-label="Search the settings"
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      {wanted === "" && (
        <>
          <Objectives />
          <Mask />
        </>
      )}
      {groups.map(([group, keys]) => (
        <details key={group} open={wanted !== "" || group === "dream"}>
          <summary>
            {group} <span class="unit">{keys.length}</span>
          </summary>
          {keys.map((key) => (
            <Row key={key.key} one={key} text={text} />
          ))}
        </details>
      ))}
      {groups.length === 0 && <p class="about">No key is called so, and no sentence has these words.</p>}
    </>
  );
}
