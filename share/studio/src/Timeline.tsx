import { useMemo } from "preact/hooks";
import type { Curve, CurveSheet } from "./api";
import { Farm } from "./Farm";
import { Frames } from "./Frames";
import { asKey, keyframesAt, quoted, valueAt } from "./job_text";
import { Shots } from "./Shots";
import * as store from "./store";
import { type Line, Track } from "./Track";

/** Plays some seconds around the playhead. */
function Play() {
  const playing = store.playing.value;
  const isLoading = playing !== null && playing.share < 1;
  return (
    <button
      class="plain play"
      aria-pressed={playing !== null}
      aria-label={playing ? "Stop" : "Play some seconds with their sound"}
      title={playing ? "Stop (key: Space)" : "Play some seconds around the playhead with their sound (key: Space)"}
      onClick={() => void store.play()}
    >
      {isLoading ? `${Math.round(100 * playing.share)} %` : playing ? "◼" : "▶"}
    </button>
  );
}

/** Which sound the video has, and the curves hear. */
function Song() {
  const text = store.job.value?.text ?? "";
  const said = valueAt(text, "input.audio") ?? "";
  const songs = store.files.value.filter(({ kind }) => kind === "sound").map(({ name }) => store.nameInJob(name));
  if (songs.length === 0 && !said) return null;
  const hasOwn = (store.report.value?.info?.sound_tracks ?? 0) > 0;
  const names = said && !songs.includes(said) ? [said, ...songs] : songs;
  return (
    <label class="choice song">
      Song
      <select
        value={said}
        onChange={(event) => {
          const name = event.currentTarget.value;
          if (!store.setKey("input.audio", name && quoted(name))) store.say("The text is no YAML at the moment; see Text.", true);
        }}
      >
        <option value="">{hasOwn ? "the clip's own sound" : "none"}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const kRangeEnd = /\.mask\.range\.[01]$/;

// A constant has one value, whatever the number of frames.
const along = (curve: Curve, count: number) =>
  curve.constant ? Array.from({ length: count }, () => curve.values[0]) : curve.values;

/**
 * The ranges of the masks: what is bright enough, or surely enough the thing, from frame to frame. A mask without a range has
 * everything from 0 to 1, which needs no picture.
 */
function ranges(sheet: CurveSheet, lineOf: (curve: Curve) => Line): { title: string; lines: Line[] }[] {
  const isAlways = (curve: Curve | undefined, value: number) => !curve || (curve.constant && curve.values[0] === value);
  return sheet.curves
    .filter(({ key }) => key.endsWith(".mask.range.0"))
    .map((low) => [low, sheet.curves.find(({ key }) => key === low.key.replace(/0$/, "1"))] as const)
    .filter(([low, high]) => !isAlways(low, 0) || !isAlways(high, 1))
    .map(([low, high]) => ({ title: low.key.slice(0, -".0".length), lines: (high ? [low, high] : [low]).map(lineOf) }));
}

/** The sound and what else drives the curves; then the masks' ranges, and every key that moves. */
function Tracks({ sheet }: { sheet: CurveSheet }) {
  const text = store.job.value?.text ?? "";
  const { sound, seconds } = sheet;
  const beats = sound?.beats ?? [];
  // Lines are made once for each sheet: another list of numbers is drawn anew.
  const [lines, masks] = useMemo(() => {
    const bare = (curve: Curve): Line => ({ key: curve.key, values: along(curve, seconds.length) });
    const moving = sheet.curves.filter(({ constant, key }) => !constant && !kRangeEnd.test(key));
    return [moving.map(bare), ranges(sheet, bare)];
  }, [sheet]);
  const withKeyframes = (line: Line): Line => ({ ...line, keyframes: keyframesAt(text, asKey(line.key)) });
  return (
    <div class="tracks">
      {sound && (
        <Track title="sound" seconds={seconds} lines={[{ key: "sound", values: sound.peaks }]} height={50} beats={beats} kind="wave" />
      )}
      {sheet.own_variables.map(({ name, values }) => {
        const title = `${name.includes(".") ? "stem" : "series"} ${name}`;
        return <Track key={title} title={title} seconds={seconds} lines={[{ key: name, values }]} height={58} beats={beats} kind="variable" />;
      })}
      {masks.map(({ title, lines: ends }) => (
        <Track key={title} title={title} seconds={seconds} lines={ends.map(withKeyframes)} height={70} beats={beats} isRange />
      ))}
      {lines.map((line) => (
        <Track key={line.key} title={line.key} seconds={seconds} lines={[withKeyframes(line)]} height={82} beats={beats} />
      ))}
    </div>
  );
}

/** The playhead, what is rendered, and every curve that moves, as the renderer evaluates them. */
export function Timeline() {
  const sheet = store.sheet.value;
  const last = store.frames.value - 1;
  const rate = store.rate.value;
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="playhead">
        <Play />
        <span>
          Frame {store.frame.value} of {last + 1}
          <br />
          {(store.frame.value / rate).toFixed(2)} s
        </span>
        <input
          type="range"
          min={0}
          max={last}
          value={store.frame.value}
          aria-label="Frame"
          onInput={(event) => store.goTo(Number(event.currentTarget.value))}
        />
        <Song />
      </div>
      <Shots />
      <Frames />
      <Farm />
      {sheet && <Tracks sheet={sheet} />}
    </section>
  );
}
