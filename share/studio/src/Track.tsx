import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { asKey, type Keyframe, secondsOf, timeLike } from "./job_text";
import * as store from "./store";

const kStroke = "#dca768";
const kWave = "#6d8cab";
const kGrid = "#20242b";
const kQuiet = "#949ca9";
const kAxis = 56; // px, left of every track

const kOwn = "#9db98a";
const kInside = "#dca76826";

/** One line of a track. A key's keyframes can be moved. */
export interface Line {
  key: string;
  values: (number | null)[];
  keyframes?: Keyframe[] | null;
}

interface TrackProps {
  title: string;
  seconds: number[];
  lines: Line[];
  height: number;
  /** A sound; a variable of the job, as a series; or a key, which is the default. */
  kind?: "wave" | "variable" | "key";
  /** Whether what lies between two lines is what counts, within [0,1]. */
  isRange?: boolean;
  beats?: number[];
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

function plotted(place: HTMLElement, props: TrackProps, drawn: (plot: uPlot) => void): uPlot {
  const { seconds, lines, height, kind = "key", isRange, beats } = props;
  const isWave = kind === "wave";
  const stroke = isWave ? kWave : kind === "variable" ? kOwn : kStroke;
  const scale: uPlot.Scale = isRange ? { range: [0, 1] } : isWave ? { range: (_, __, most) => [0, most || 1] } : {};
  return new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: scale },
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
        ...lines.map(({ key }) => ({
          label: key,
          stroke,
          fill: isWave ? `${kWave}44` : undefined,
          width: 1.4,
          points: { show: false },
        })),
      ],
      bands: isRange ? [{ series: [2, 1], fill: kInside }] : undefined,
      padding: [7, 8, 7, isWave ? kAxis : 0],
      hooks: { drawClear: [(plot) => beats && drawBeats(plot, beats)], draw: [drawn] },
    },
    [seconds, ...lines.map(({ values }) => values)],
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

/** Lines over the time of the job, as the renderer evaluates them. */
export function Track(props: TrackProps) {
  const { title, seconds, lines, height, kind, beats = [] } = props;
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
      for (const { key, keyframes } of lines)
        for (const keyframe of keyframes ?? []) addHandle(drawn, key, keyframe, rate, beats);
    });
    plot.over.appendChild(line);
    const stop = effect(() => showNow(plot));
    plot.over.onclick = (event) => {
      if (event.target === plot.over) store.goTo(plot.posToVal(event.offsetX, "x") * rate);
    };
    // Of two lines with keyframes, the nearer one gets another.
    plot.over.ondblclick = (event) => {
      if (event.target !== plot.over) return;
      const at = plot.posToVal(event.offsetX, "x");
      const value = plot.posToVal(event.offsetY, "y");
      const row = seconds.findIndex((one) => one >= at);
      const distance = ({ values }: Line) => Math.abs((values[row < 0 ? values.length - 1 : row] ?? 0) - value);
      const [nearest] = lines.filter(({ keyframes }) => keyframes?.length).sort((a, b) => distance(a) - distance(b));
      if (!nearest) return;
      const time = timeLike(nearest.keyframes![0].time, Math.round(at * rate), rate);
      store.setKeyframe(asKey(nearest.key), null, { time, value: Number(value.toPrecision(3)) });
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
  }, [seconds, ...lines.map(({ values }) => values), JSON.stringify(lines.map(({ key, keyframes }) => [key, keyframes]))]);
  return (
    <div class={`track ${kind ?? "key"}`} role="group" aria-label={title}>
      <span class="title" aria-hidden="true">
        {title}
      </span>
      <div ref={place} />
    </div>
  );
}
