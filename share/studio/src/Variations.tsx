import { useState } from "preact/hooks";
import { asKey, valueAt } from "./job_text";
import type { GridTile } from "./store";
import * as store from "./store";
import { Tiles } from "./Tiles";
import { count } from "./words";

const kMostFrames = 48; // of a loop, as the program has it

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

function Length() {
  if (store.isPhoto.value) return null;
  // Half a second, and a second.
  const lengths = [0.5, 1].map((seconds) => Math.max(2, Math.min(kMostFrames, Math.round(seconds * store.rate.value))));
  return (
    <select
      aria-label="What each one shows"
      value={store.loopLength.value}
      onChange={(event) => (store.loopLength.value = Number(event.currentTarget.value))}
    >
      <option value={1}>stills</option>
      {[...new Set(lengths)].map((frames) => (
        <option key={frames} value={frames}>
          loops of {count(frames, "frame")}
        </option>
      ))}
    </select>
  );
}

function Parent({ tile }: { tile: GridTile }) {
  const isChosen = store.parents.value.some(({ title }) => title === tile.title);
  return (
    <button
      class="plain parent"
      aria-pressed={isChosen}
      aria-label={`Mix ${tile.title}`}
      title="Choose two to mix"
      disabled={Boolean(tile.problem)}
      onClick={() => store.chooseParent(tile)}
    >
      {isChosen ? "♥" : "♡"} mix
    </button>
  );
}

/** What may be done with the tiles that are shown. */
function Doing() {
  if (store.variations.value.length === 0) return null;
  return (
    <div class="doing">
      {store.variations.value.some(({ pictures }) => pictures) && (
        <button
          class="plain"
          aria-pressed={store.isLoopPlaying.value}
          onClick={() => (store.isLoopPlaying.value = !store.isLoopPlaying.value)}
        >
          {store.isLoopPlaying.value ? "Hold the loops" : "Play the loops"}
        </button>
      )}
      {store.generations.value.length > 0 && (
        <button class="plain" onClick={store.backToParents}>
          Back
        </button>
      )}
      <button
        disabled={store.parents.value.length !== 2}
        title="Shows tiles between the two that you have chosen, each a little changed"
        onClick={() => void store.breed()}
      >
        {store.parents.value.length === 2 ? "Breed" : `Choose ${2 - store.parents.value.length} to breed`}
      </button>
    </div>
  );
}

/** One frame, or a loop, with several values of a key or two; a click takes the values into the job. */
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
          <p>From the frame that is shown on, once for each value.</p>
          <Length />
          <button type="submit">Show</button>
        </div>
      </form>
      <Tiles
        tiles={store.variations.value}
        isChosen={(tile) =>
          tile.set.every((one) => valueAt(text, asKey(one.slice(0, one.indexOf("=")))) === one.slice(one.indexOf("=") + 1))
        }
        pick={store.pickVariation}
        below={(tile) => <Parent tile={tile} />}
      />
      <Doing />
    </>
  );
}
