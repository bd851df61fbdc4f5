import { useState } from "preact/hooks";
import { asKey, valueAt } from "./job_text";
import * as store from "./store";
import { Tiles } from "./Tiles";

function Axis({ label, text, change }: { label: string; text: string; change: (text: string) => void }) {
  return (
    <input
      class="search"
      list="keys"
      aria-label={label}
      placeholder={label}
      value={text}
      spellcheck={false}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

/** One frame with several values of a key or two; a click takes the values into the job. */
export function Variations() {
  const [first, setFirst] = useState("seed=1..4");
  const [second, setSecond] = useState("");
  const text = store.job.value?.text ?? "";
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void store.vary([first, second].filter((one) => one.trim() !== ""));
        }}
      >
        <datalist id="keys">
          {store.schema.value
            .filter((key) => !key.is_section)
            .map((key) => (
              <option key={key.key} value={key.key.replace(".N.", ".0.") + "="} />
            ))}
        </datalist>
        <Axis label="A key and its values: seed=1..4" text={first} change={setFirst} />
        <Axis label="Another one: dream.step=1,2,4" text={second} change={setSecond} />
        <div class="lead">
          <p>The frame that is shown, once for each value.</p>
          <button type="submit">Show</button>
        </div>
      </form>
      <Tiles
        tiles={store.variations.value}
        isChosen={(tile) =>
          tile.set.every((one) => valueAt(text, asKey(one.slice(0, one.indexOf("=")))) === one.slice(one.indexOf("=") + 1))
        }
        pick={store.pickVariation}
      />
    </>
  );
}
