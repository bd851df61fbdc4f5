import { useEffect, useState } from "preact/hooks";
import type { NetworkInfo } from "./api";
import { quoted } from "./job_text";
import * as store from "./store";

/** Takes an objective, as YAML, into the job. */
type Add = (objective: string) => void;

const kMostClasses = 12; // that a search shows

/** Makes the pictures that are missing, or leaves it at those that are there. */
function Draw({ isAnyMissing }: { isAnyMissing: boolean }) {
  const isDrawing = store.isDrawing.value;
  if (!isAnyMissing) return null;
  return (
    <button
      type="button"
      class="plain"
      aria-pressed={isDrawing}
      title="Takes some seconds each, and waits for every preview"
      onClick={() => (store.isDrawing.value = !isDrawing)}
    >
      {isDrawing ? "Drawing what they dream of ..." : "Draw what they dream of"}
    </button>
  );
}

function Empty({ of }: { of: string | number }) {
  const problem = store.atlasProblem(of);
  return <span class={store.isDrawing.value && !problem ? "empty waits" : "empty"} title={problem} />;
}

/** A layer with its picture, and its two strongest channels. */
function Layer({ name, add }: { name: string; add: Add }) {
  const pictures = store.atlasOf(name);
  const [whole, ...channels] = pictures ?? [];
  return (
    <li class="sample">
      <button title={`Dream with the layer ${name} too`} aria-label={`+ ${name}`} onClick={() => add(`layer: ${quoted(name)}`)}>
        {whole ? <img src={whole.picture} alt="" /> : <Empty of={name} />}
        <span class="name">{name}</span>
      </button>
      {channels.map(({ channel, picture }) => (
        <button
          key={channel}
          class="channel"
          title={`Channel ${channel} of ${name}`}
          aria-label={`+ ${name}, channel ${channel}`}
          onClick={() => add(`{layer: ${quoted(name)}, kind: channels, channels: [${channel}]}`)}
        >
          <img src={picture} alt="" />
        </button>
      ))}
    </li>
  );
}

/** The layers that the card recommends come first; the others show when they are asked for. */
export function Layers({ info, used, add }: { info: NetworkInfo; used: Set<unknown>; add: Add }) {
  const [isAll, setAll] = useState(info.layers.length === 0);
  const names = (isAll ? [...info.layers, ...info.other_layers] : info.layers).filter((name) => !used.has(name));
  useEffect(() => {
    store.seenLayers.value = names;
    return () => void (store.seenLayers.value = []);
  }, [names.join("\n"), info.name]);
  return (
    <>
      <ul class="samples" aria-label="Layers">
        {names.map((name) => (
          <Layer key={name} name={name} add={add} />
        ))}
      </ul>
      <p class="under-samples">
        {info.other_layers.length > 0 && info.layers.length > 0 && (
          <button class="plain" aria-pressed={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? "Only the recommended layers" : `All ${info.layers.length + info.other_layers.length} layers`}
          </button>
        )}
        {info.is_fetched && <Draw isAnyMissing={names.some((name) => !store.atlasOf(name))} />}
      </p>
    </>
  );
}

/** Places of the classes that a text is part of; those that begin with it come first. */
function classesWith(classes: string[][], typed: string): number[] {
  const wanted = typed.trim().toLowerCase();
  const rank = (names: string[]) => {
    const all = names.map((name) => name.toLowerCase());
    if (all.includes(wanted)) return 0;
    if (all.some((name) => name.startsWith(wanted))) return 1;
    return all.some((name) => name.includes(wanted)) ? 2 : 3;
  };
  return classes
    .map((names, index) => ({ index, rank: wanted ? rank(names) : 2 }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ index }) => index);
}

/** Finds a class by any of its names. Enter takes the first one that is found. */
export function Classes({ info, add }: { info: NetworkInfo; add: Add }) {
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const found = isOpen ? classesWith(info.classes, typed) : [];
  const shown = found.slice(0, kMostClasses);
  useEffect(() => {
    store.seenClasses.value = shown;
    return () => void (store.seenClasses.value = []);
  }, [shown.join(), info.name]);
  if (info.classes.length === 0) return null;
  const take = (index: number) => {
    add(`class: ${quoted(info.classes[index][0])}`);
    setTyped("");
    setOpen(false);
  };
  return (
    <form
      class="classes"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() && found.length > 0) take(found[0]);
      }}
    >
      <input
        class="search"
        type="search"
        aria-label="A class to dream of"
        placeholder={`One of ${info.classes.length} classes: ${info.classes[0][0]} ...`}
        value={typed}
        spellcheck={false}
        onFocus={() => setOpen(true)}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setOpen(true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOpen(false);
        }}
      />
      {isOpen && (
        <>
          <ul class="samples" aria-label="Classes">
            {shown.map((index) => {
              const [first, ...others] = info.classes[index];
              const picture = store.atlasOf(index)?.[0];
              return (
                <li key={index} class="sample">
                  <button type="button" aria-label={`+ ${first}`} title={[first, ...others].join(", ")} onClick={() => take(index)}>
                    {picture ? <img src={picture.picture} alt="" /> : <Empty of={index} />}
                    <span class="name">{first}</span>
                  </button>
                </li>
              );
            })}
          </ul>
          <p class="about" role="status">
            {found.length === 0 && "No class is called so."}
            {found.length > kMostClasses && `${found.length - kMostClasses} more; type to find them`}
          </p>
          {info.is_fetched && <Draw isAnyMissing={shown.some((index) => !store.atlasOf(index))} />}
        </>
      )}
    </form>
  );
}
