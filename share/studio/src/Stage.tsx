import { useRef, useState } from "preact/hooks";
import * as store from "./store";

function Progress() {
  const growth = store.growth.value;
  if (!growth) return null;
  const share = growth.octave === 0 ? 0 : (growth.octave - 1 + growth.step / growth.steps) / growth.octaves;
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label="The dream grows"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share)}
    >
      <span style={{ width: `${100 * share}%` }} />
    </div>
  );
}

export function Stage() {
  const [split, setSplit] = useState(0);
  const [isLarge, setLarge] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const info = store.report.value?.info;
  const dream = store.dreamPicture.value;
  const source = store.sourcePicture.value;
  const ratio = info ? info.width / info.height : 16 / 9;
  const move = (event: PointerEvent) => {
    if (!(event.buttons & 1) || !box.current) return;
    const edge = box.current.getBoundingClientRect();
    setSplit(Math.round(100 * Math.max(0, Math.min(1, (event.clientX - edge.left) / edge.width))));
  };
  return (
    <section class="stage" aria-label="The picture">
      <div class="frame">
        <div
          class={isLarge ? "picture large" : "picture"}
          ref={box}
          style={{ aspectRatio: String(ratio), "--ratio": ratio, "--own": `${info?.width ?? 0}px` }}
          onPointerDown={move}
          onPointerMove={move}
        >
          {source && <img class="source" src={source} alt={`The source, frame ${store.frame.value}`} />}
          {dream && (
            <img
              class="dream"
              src={dream}
              alt={`The dream of frame ${store.frame.value}`}
              style={{ clipPath: `inset(0 0 0 ${split}%)` }}
            />
          )}
          {dream && split > 0 && split < 100 && <div class="edge" style={{ left: `${split}%` }} aria-hidden="true" />}
          <Progress />
        </div>
      </div>
      {store.previewProblem.value && <p class="problem">{store.previewProblem.value}</p>}
      <div class="under">
        <label class="slider">
          <span>Dream</span>
          <input
            type="range"
            min={0}
            max={100}
            value={split}
            aria-label="How much of the source is shown, from the left"
            onInput={(event) => setSplit(Number(event.currentTarget.value))}
          />
          <span>Source</span>
        </label>
        <button class="plain" aria-pressed={isLarge} onClick={() => setLarge(!isLarge)}>
          1:1
        </button>
        <label class="choice">
          Preview
          <select
            value={store.side.value}
            onChange={(event) => {
              store.side.value = Number(event.currentTarget.value);
              void store.showFrame();
            }}
          >
            {[320, 480, 640, 960, 1280, 1920].map((side) => (
              <option key={side} value={side}>
                {side} px
              </option>
            ))}
          </select>
        </label>
      </div>
    </section>
  );
}
