import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Frames } from "./Frames";
import { asKey, type Keyframe, keyframesAt, secondsOf, timeLike } from "./job_text";
import * as store from "./store";

const kStroke = "#dca768";
const kWave = "#6d8cab";
const kGrid = "#20242b";
const kQuiet = "#949ca9";
const kAxis = 56; // px, left of every track

interface TrackProps {
  title: string;
  seconds: number[];
  values: (number | null)[];
  height: number;
  isWave?: boolean;
  beats?: number[];
  keyframes?: Keyframe[] | null;
}

// Vertical lines, at most some hundreds, so that a long song stays readable.
function drawBeats(plot: uPlot, beats: number[]): void {
  if (beats.length > plot.bbox.width / 6) return;
  const g = plot.ctx;
  g.save();
  g.strokeStyle = "#dca76838";
  g.lineWidth = 1;
  g.beginPath();
  for (const beat of beats) {
    const x = Math.round(plot.valToPos(beat, "x", true)) + 0.5;
    g.moveTo(x, plot.bbox.top);
    g.lineTo(x, plot.bbox.top + plot.bbox.height);
  }
  g.stroke();
  g.restore();
}

function plotted(place: HTMLElement, { title, seconds, values, height, isWave, beats }: TrackProps, drawn: (plot: uPlot) => void): uPlot {
  return new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: isWave ? { range: (_, __, most) => [0, most || 1] } : {} },
      axes: [
        { show: false },
        {
          size: kAxis,
          stroke: kQuiet,
          grid: { stroke: kGrid, width: 1 },
          ticks: { show: false },
          font: "11px system-ui",
          show: !isWave,
          splits: (_, __, low, high) => [low, (low + high) / 2, high],
          values: (_, splits) => splits.map((value) => Number(value.toPrecision(3)).toString()),
        },
      ],
      series: [
        {},
        {
          label: title,
          stroke: isWave ? kWave : kStroke,
          fill: isWave ? `${kWave}44` : undefined,
          width: 1.4,
          points: { show: false },
        },
      ],
      padding: [7, 8, 7, isWave ? kAxis : 0],
      hooks: { drawClear: [(plot) => beats && drawBeats(plot, beats)], draw: [drawn] },
    },
    [seconds, values],
    place,
  );
}

// The keyframe that had the keyboard's focus, so that it keeps it when the track is drawn anew.
let focused: { key: string; time: string } | null = null;

/** One keyframe as a button over the curve: dragged, or moved by the arrows; Delete takes it out. */
function addHandle(plot: uPlot, key: string, keyframe: Keyframe, rate: number, beats: number[]): void {
  const handle = document.createElement("button");
  handle.className = "keyframe";
  handle.setAttribute("aria-label", `${key} is ${keyframe.value} at ${keyframe.time}: drag, or use the arrow keys`);
  const seconds = secondsOf(keyframe.time, rate) ?? 0;
  const place = (at: number, value: number) => {
    handle.style.left = `${plot.valToPos(at, "x")}px`;
    handle.style.top = `${plot.valToPos(value, "y")}px`;
  };
  place(seconds, keyframe.value);
  const range = (plot.scales.y.max ?? 1) - (plot.scales.y.min ?? 0);
  const rounded = (value: number) => Number(value.toPrecision(3));
  const moved = (at: number, value: number): Keyframe => ({
    time: timeLike(keyframe.time, Math.max(0, Math.round(at * rate)), rate),
    value: rounded(value),
  });
  const commit = (to: Keyframe | null) => {
    focused = to && { key, time: to.time };
    if (!store.setKeyframe(asKey(key), keyframe.time, to)) place(seconds, keyframe.value);
  };
  // Near a beat it lands on it.
  const snapped = (at: number) => {
    const near = beats.find((beat) => Math.abs(plot.valToPos(beat, "x") - plot.valToPos(at, "x")) < 5);
    return near ?? at;
  };
  let to: Keyframe | null = null;
  handle.onpointerdown = (event) => {
    event.preventDefault();
    event.stopPropagation();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
  };
  handle.onpointermove = (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = plot.over.getBoundingClientRect();
    const at = snapped(Math.max(0, plot.posToVal(event.clientX - box.left, "x")));
    to = moved(at, plot.posToVal(event.clientY - box.top, "y"));
    place(secondsOf(to.time, rate) ?? at, to.value);
    handle.title = `${to.value} at ${to.time}`;
  };
  handle.onpointerup = () => {
    if (to) commit(to);
    to = null;
  };
  handle.onkeydown = (event) => {
    const step = range / 40 || 0.1;
    const steps: Record<string, [number, number]> = {
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
      ArrowLeft: [-1 / rate, 0],
      ArrowRight: [1 / rate, 0],
    };
    const by = steps[event.key];
    if (!by && event.key !== "Delete") return;
    event.preventDefault();
    event.stopPropagation();
    commit(by ? moved(seconds + by[0], keyframe.value + by[1]) : null);
  };
  plot.over.appendChild(handle);
  if (focused?.key === key && focused.time === keyframe.time) handle.focus({ preventScroll: true });
}

function Track(props: TrackProps) {
  const { title, seconds, values, height, beats = [], keyframes } = props;
  const place = useRef<HTMLDivElement>(null);
  const rate = store.rate.value;
  useEffect(() => {
    const line = document.createElement("div");
    line.className = "now";
    // Positions are known once the scales are, which is when uPlot draws.
    const showNow = (plot: uPlot) => {
      line.style.left = `${plot.valToPos(store.frame.value / rate, "x")}px`;
    };
    const plot = plotted(place.current!, props, (drawn) => {
      showNow(drawn);
      drawn.over.querySelectorAll(".keyframe").forEach((handle) => handle.remove());
      for (const keyframe of keyframes ?? []) addHandle(drawn, title, keyframe, rate, beats);
    });
    plot.over.appendChild(line);
    const stop = effect(() => showNow(plot));
    plot.over.onclick = (event) => {
      if (event.target === plot.over) store.goTo(plot.posToVal(event.offsetX, "x") * rate);
    };
    plot.over.ondblclick = (event) => {
      if (!keyframes || event.target !== plot.over) return;
      const frame = Math.round(plot.posToVal(event.offsetX, "x") * rate);
      const value = Number(plot.posToVal(event.offsetY, "y").toPrecision(3));
      store.setKeyframe(asKey(title), null, { time: timeLike(keyframes[0].time, frame, rate), value });
    };
    const watch = new ResizeObserver(() => {
      const width = Math.max(200, place.current!.clientWidth);
      if (width === plot.width) return;
      plot.setSize({ width, height });
    });
    watch.observe(place.current!);
    return () => {
      stop();
      watch.disconnect();
      plot.destroy();
    };
  }, [seconds, values, JSON.stringify(keyframes)]);
  return (
    <div class="track" role="group" aria-label={title}>
      <span class="title" aria-hidden="true">
        {title}
      </span>
      <div ref={place} />
    </div>
  );
}

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

/** The playhead, the sound, and every curve that moves, as the renderer evaluates them. */
export function Timeline() {
  const sheet = store.sheet.value;
  const last = store.frames.value - 1;
  const rate = store.rate.value;
  const text = store.job.value?.text ?? "";
  const beats = sheet?.sound?.beats ?? [];
  const moving = sheet?.curves.filter((curve) => !curve.constant) ?? [];
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
      </div>
      <Frames />
      <div class="tracks">
        {sheet?.sound && (
          <Track title="sound" seconds={sheet.seconds} values={sheet.sound.peaks} height={50} beats={beats} isWave />
        )}
        {sheet &&
          moving.map((curve) => (
            <Track
              key={curve.key}
              title={curve.key}
              seconds={sheet.seconds}
              values={curve.values}
              height={82}
              beats={beats}
              keyframes={keyframesAt(text, asKey(curve.key))}
            />
          ))}
      </div>
    </section>
  );
}
