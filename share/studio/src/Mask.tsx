import { useEffect, useState } from "preact/hooks";
import { asKey, quoted, valueAt } from "./job_text";
import type { Key } from "./schema";
import * as store from "./store";

export const kMask = "dream.mask";

const kWords: Record<string, { title: string; sentence: string }> = {
  "": { title: "everywhere", sentence: "The whole frame is dreamed, unless a look or another job says where." },
  person: { title: "person", sentence: "Where a network sees a person." },
  chroma: { title: "colour", sentence: "Where the source has a colour." },
  luma: { title: "brightness", sentence: "Where the source is as bright as you say." },
  file: { title: "file", sentence: "Where a picture or a video is white." },
  class: { title: "thing", sentence: "Where a network sees a thing of a class." },
  alpha: { title: "opaque", sentence: "Where the source is opaque." },
  motion: { title: "motion", sentence: "Where the picture moves that fast, in widths of the frame per second." },
};
const kOrder = Object.keys(kWords);
const kPlain = /^-?\d*\.?\d+$/; // a number, and no curve

const placeOf = (kind: string) => (kOrder.includes(kind) ? kOrder.indexOf(kind) : kOrder.length);

interface AmountProps {
  path: Key;
  label: string;
  unit?: string;
  least: number;
  most: number; // of the slider; a number may be typed beyond it
  step: number;
  initial: number;
  bound?: (value: number) => number;
}

/** A number with a slider. A value that moves over time is shown as its text. */
function Amount({ path, label, unit, least, most, step, initial, bound = (value) => value }: AmountProps) {
  const said = valueAt(store.job.value?.text ?? "", path);
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped(null), [said]);
  const isPlain = said === null || kPlain.test(said);
  const now = isPlain ? Number(said ?? initial) : initial;
  const id = `mask-${path}`;
  return (
    <div class="amount">
      <label for={id}>
        {label}
        {unit && <span class="unit">{unit}</span>}
      </label>
      <input
        type="range"
        aria-label={`${label}, as a slider`}
        min={least}
        max={most}
        step={step}
        value={now}
        disabled={!isPlain}
        onBlur={store.endGesture}
        onInput={(event) => store.setKey(path, String(Number(bound(Number(event.currentTarget.value)).toFixed(4))), path)}
      />
      <input
        id={id}
        value={typed ?? said ?? String(initial)}
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          if (store.setKey(path, event.currentTarget.value)) setTyped(null);
        }}
      />
    </div>
  );
}

function Check({ path, label, isOn, turn }: { path: Key; label: string; isOn: boolean; turn: (isOn: boolean) => string }) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={(event) => store.setKey(path, turn(event.currentTarget.checked))} />
      {label}
    </label>
  );
}

interface RangeProps {
  most: number; // of the sliders
  softness: number; // where the text does not say it
}

/** Two numbers of a list; the lower one stays below the higher one. */
function Range({ most, softness }: RangeProps) {
  const text = store.job.value?.text ?? "";
  const low = asKey("dream.mask.range.0");
  const high = asKey("dream.mask.range.1");
  const plain = (key: Key, otherwise: number) => {
    const said = valueAt(text, key);
    return said !== null && kPlain.test(said) ? Number(said) : otherwise;
  };
  const common = { least: 0, most, step: most / 100 };
  return (
    <>
      <Amount path={low} label="from" {...common} initial={0} bound={(value) => Math.min(value, plain(high, 1))} />
      <Amount path={high} label="to" {...common} initial={1} bound={(value) => Math.max(value, plain(low, 0))} />
      <Amount path="dream.mask.softness" label="softness" {...common} initial={softness} />
    </>
  );
}

/** Speeds, in widths of the frame per second. */
function Motion() {
  return (
    <>
      <Range most={0.5} softness={0.02} />
      <Check
        path={asKey("dream.mask.relative")}
        label="against the motion of the camera"
        isOn={store.mask.value?.relative === true}
        turn={(isOn) => (isOn ? "true" : "")}
      />
    </>
  );
}

function Colour() {
  const said = valueAt(store.job.value?.text ?? "", "dream.mask.colour") ?? "#000000";
  const common = { least: 0, most: 0.5, step: 0.005 };
  return (
    <>
      <div class="amount">
        <label for="mask-colour">colour</label>
        <input
          id="mask-colour"
          type="color"
          value={said}
          onChange={(event) => store.setKey("dream.mask.colour", quoted(event.currentTarget.value))}
        />
        <button aria-pressed={store.isPicking.value} onClick={() => (store.isPicking.value = !store.isPicking.value)}>
          Pick on the frame
        </button>
      </div>
      <Amount path="dream.mask.tolerance" label="tolerance" {...common} initial={0.1} />
      <Amount path="dream.mask.softness" label="softness" {...common} initial={0.05} />
    </>
  );
}

function FromFile() {
  const said = String(store.mask.value?.path ?? "");
  const files = store.files.value.filter(({ kind }) => kind === "picture" || kind === "clip").map(({ name }) => store.nameInJob(name));
  const names = said && !files.includes(said) ? [said, ...files] : files;
  return (
    <>
      <label class="field">
        file
        <select value={said} onChange={(event) => store.setMaskKind("file", { path: event.currentTarget.value })}>
          {!said && <option value="">Choose a picture or a clip ...</option>}
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {said && (
        <Check
          path="dream.mask.channel"
          label="where it is opaque, not where it is white"
          isOn={store.mask.value?.channel === "alpha"}
          turn={(isOn) => (isOn ? "alpha" : "")}
        />
      )}
    </>
  );
}

function Thing() {
  const said = String(store.mask.value?.class ?? "");
  const [typed, setTyped] = useState(said);
  useEffect(() => setTyped(said), [said]);
  const classes = store.networkCalled(String(store.mask.value?.network ?? store.jobNetwork.value))?.classes ?? [];
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim()) store.setMaskKind("class", { ...(store.mask.value?.network ? { network: store.mask.value.network } : {}), class: typed.trim() });
      }}
    >
      <datalist id="mask-classes">
        {classes.map(([first], index) => (
          <option key={index} value={first} />
        ))}
      </datalist>
      <input
        class="search"
        list="mask-classes"
        aria-label="A thing to dream on"
        placeholder="Such as dog"
        value={typed}
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit">Take</button>
    </form>
  );
}

function Kinds({ now, pick }: { now: string; pick: (kind: string) => void }) {
  const kinds = ["", ...store.maskKinds.value].sort((a, b) => placeOf(a) - placeOf(b));
  return (
    <fieldset class="kinds">
      <legend class="unseen">Where to dream</legend>
      {kinds.map((kind) => (
        <label key={kind} title={kWords[kind]?.sentence}>
          <input type="radio" name="mask-kind" checked={kind === now} onChange={() => pick(kind)} />
          <span>{kWords[kind]?.title ?? kind}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** What every mask has. */
function Edges() {
  const mask = store.mask.value ?? {};
  return (
    <>
      <Amount path="dream.mask.feather" label="feather" unit="px" least={0} most={200} step={1} initial={0} />
      <Check path="dream.mask.invert" label="everything else instead" isOn={mask.invert === true} turn={(isOn) => (isOn ? "true" : "")} />
      <Check
        path="dream.mask.confine"
        label="dream everywhere underneath, and uncover it here"
        isOn={mask.confine === false}
        turn={(isOn) => (isOn ? "false" : "")}
      />
    </>
  );
}

// These kinds need a choice before they can be written into the job.
const kChoosing = ["file", "class"];

/** Where the whole dream is: a mask of one kind, seen over the frame. */
export function Mask() {
  const said = store.maskKind.value;
  const [choosing, setChoosing] = useState(""); // a kind that is picked and not yet in the text
  useEffect(() => setChoosing(""), [said, store.job.value?.file]);
  const now = choosing || said;
  const [wasSaid] = useState(said !== ""); // a person opens and closes it from then on
  const problems = store.report.value?.problems.filter(({ key }) => key === "dream.mask" || key.startsWith("dream.mask.")) ?? [];
  const pick = (kind: string) => {
    store.isPicking.value = false;
    setChoosing(kChoosing.includes(kind) && kind !== said ? kind : "");
    if (!kChoosing.includes(kind) && kind !== said) store.setMaskKind(kind);
    if (kind === "chroma") store.isPicking.value = true;
  };
  return (
    <details open={wasSaid}>
      <summary>
        where it dreams <span class="unit">{kWords[now]?.title ?? now}</span>
      </summary>
      <Kinds now={now} pick={pick} />
      <p class="about">{kWords[now]?.sentence ?? "Its keys are below."}</p>
      {now === "luma" && <Range most={1} softness={0.05} />}
      {now === "motion" && <Motion />}
      {now === "chroma" && <Colour />}
      {now === "file" && <FromFile />}
      {now === "class" && <Thing />}
      {["person", "class"].includes(said) && now === said && (
        <Amount path="dream.mask.windows" label="windows" least={1} most={8} step={1} initial={1} />
      )}
      {said !== "" && now === said && <Edges />}
      {store.canToggleMask.value && (
        <button class="show" aria-pressed={store.isMaskShown.value} title="Show the mask over the frame (key: M)" onClick={store.toggleMask}>
          {store.isMaskShown.value ? "Hide the mask" : "Show the mask"}
        </button>
      )}
      {store.isMaskShown.value && store.maskProblem.value && <p class="about wrong">{store.maskProblem.value}</p>}
      {problems.map(({ key, message }) => (
        <p key={key + message} class="about wrong">
          {message}
        </p>
      ))}
    </details>
  );
}
