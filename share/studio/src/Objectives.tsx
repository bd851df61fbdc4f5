import { useEffect, useState } from "preact/hooks";
import type { NetworkInfo } from "./api";
import { Classes, Layers } from "./Atlas";
import { mapsAt, quoted } from "./job_text";
import * as store from "./store";

export const kObjectives = "dream.objectives";

function listsOf(info: NetworkInfo) {
  return { layers: `layers-of-${info.name}`, classes: `classes-of-${info.name}` };
}

/** The names that a network offers, for the inputs to suggest. */
function Suggestions({ info }: { info: NetworkInfo }) {
  const ids = listsOf(info);
  return (
    <>
      <datalist id={ids.layers}>
        {[...new Set([...info.layers, ...info.class_layers, ...info.other_layers])].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id={ids.classes}>
        {info.classes.map(([first, ...others], index) => (
          <option key={index} value={first} label={others.join(", ")} />
        ))}
      </datalist>
    </>
  );
}

type Path = `${typeof kObjectives}.${number}`;

interface FieldProps {
  path: Path;
  name: "class" | "layer" | "weight";
  value: unknown;
  list?: string;
}

/** One key of an objective. Names are texts, whatever they look like. */
function Field({ path, name, value, list }: FieldProps) {
  const id = `key-${path}.${name}`;
  const problem = store.report.value?.problems.find(({ key }) => key === `${path}.${name}`);
  const [wrong, setWrong] = useState(""); // what was typed and is no YAML
  const text = store.job.value?.text;
  useEffect(() => setWrong(""), [text]); // the objective here may be another one now
  const isText = name !== "weight";
  const shown = value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input
        id={id}
        list={list}
        value={wrong || shown}
        spellcheck={false}
        placeholder={name === "weight" ? "1" : ""}
        aria-invalid={Boolean(problem || wrong)}
        title={problem?.message}
        onChange={(event) => {
          const typed = event.currentTarget.value.trim();
          const isTaken = store.setKey(`${path}.${name}`, isText && typed ? quoted(typed) : typed);
          setWrong(isTaken ? "" : typed);
        }}
      />
      {(wrong || problem) && (
        <p class="about wrong">{wrong ? `"${wrong}" is no YAML value. Expected a number, as 2 or -0.5.` : problem?.message}</p>
      )}
    </div>
  );
}

function Objective({ at, one }: { at: number; one: Record<string, unknown> }) {
  const path: Path = `${kObjectives}.${at}`;
  const info = store.networkCalled(typeof one.network === "string" ? one.network : store.jobNetwork.value);
  const ids = info ? listsOf(info) : null;
  const rest = Object.keys(one).filter((key) => !["layer", "class", "weight"].includes(key));
  return (
    <li class="objective">
      {"class" in one && <Field path={path} name="class" value={one.class} list={ids?.classes} />}
      {("layer" in one || !("class" in one)) && <Field path={path} name="layer" value={one.layer} list={ids?.layers} />}
      <Field path={path} name="weight" value={one.weight} />
      <button class="plain" aria-label={`Take out objective ${at + 1}`} title="Take out" onClick={() => store.setKey(path, "")}>
        ✕
      </button>
      {rest.length > 0 && <p class="about">and {rest.join(", ")}: see the tab Text</p>}
    </li>
  );
}

/** What the network dreams of: layers of the card's list, and classes by their names. */
export function Objectives() {
  const text = store.job.value?.text ?? "";
  const objectives = mapsAt(text, kObjectives);
  const info = store.networkCalled(store.jobNetwork.value);
  // A layer of which only some channels are used may be added as a whole.
  const used = new Set((objectives ?? []).filter((one) => !one.channels).map(({ layer }) => layer));
  const add = (value: string) => store.setKey(`${kObjectives}.${objectives?.length ?? 0}`, value);
  return (
    <details open>
      <summary>
        what it dreams of {info && <span class="unit">{info.name}</span>}
      </summary>
      {info && <Suggestions info={info} />}
      {objectives === null && <p class="about">The look or the defaults say it. What is added here takes their place.</p>}
      <ul class="objectives">{objectives?.map((one, at) => <Objective key={at} at={at} one={one} />)}</ul>
      {info && (
        <>
          <Layers info={info} used={used} add={add} />
          <Classes info={info} add={add} />
        </>
      )}
    </details>
  );
}
