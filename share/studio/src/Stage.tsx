import { useEffect, useRef, useState } from "preact/hooks";
import { MaskLayer, Picker } from "./MaskLayer";
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

const kBadges: Record<store.Shown, { word: string; title: string } | null> = {
  preview: null,
  rendered: { word: "rendered", title: "The frame as it is rendered" },
  outdated: { word: "before this edit", title: "The frame as it was rendered; the edit changes it" },
};

function Badge({ dream }: { dream: string }) {
  const other = store.pinned.value ? "The pinned settings" : "The settings before";
  const badge = store.isComparing.value ? { word: "before", title: other } : kBadges[store.shown.value];
  if (!dream || !badge) return null;
  return (
    <span class="badge" title={badge.title}>
      {badge.word}
    </span>
  );
}

/** The excerpt that plays, over everything else. */
function Excerpt({ canvas }: { canvas: HTMLCanvasElement }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current!.replaceChildren(canvas), [canvas]);
  return <div class="excerpt" ref={place} role="img" aria-label="The excerpt plays" />;
}

/** The source and the dream over each other, as much of each as the slider says. */
function Picture({ isLarge }: { isLarge: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const info = store.report.value?.info;
  const isMasked = store.maskPicture.value !== null || store.isPicking.value; // then the source is seen
  const shown = store.isComparing.value ? store.beforePicture.value : store.dreamPicture.value;
  const dream = isMasked ? "" : shown;
  const source = store.sourcePicture.value;
  const split = store.split.value;
  const ratio = info ? info.width / info.height : 16 / 9;
  const move = (event: PointerEvent) => {
    if (!(event.buttons & 1) || !box.current) return;
    const edge = box.current.getBoundingClientRect();
    store.split.value = Math.round(100 * Math.max(0, Math.min(1, (event.clientX - edge.left) / edge.width)));
  };
  return (
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
      {store.isPicking.value ? <Picker /> : <MaskLayer />}
      <Badge dream={dream} />
      {store.playing.value?.share === 1 && <Excerpt canvas={store.playing.value.canvas} />}
      <Progress />
    </div>
  );
}

/** Shows the settings before, or the pinned ones, while it is held. */
function Compare() {
  const isPinned = store.pinned.value !== null;
  const hold = (yes: boolean) => () => store.compare(yes);
  return (
    <>
      <button
        class="plain"
        title={isPinned ? "Hold to see the pinned settings (key: B)" : "Hold to see the settings before (key: B)"}
        disabled={!store.beforePicture.value}
        aria-pressed={store.isComparing.value}
        onPointerDown={hold(true)}
        onPointerUp={hold(false)}
        onPointerLeave={hold(false)}
        onPointerCancel={hold(false)}
        onKeyDown={(event) => (event.key === " " || event.key === "Enter") && store.compare(true)}
        onKeyUp={hold(false)}
        onBlur={hold(false)}
      >
        Before
      </button>
      <button
        class="plain"
        title={isPinned ? "Compare with the settings before each edit again" : "Compare later edits with the settings as they are now"}
        aria-pressed={isPinned}
        onClick={store.pin}
      >
        {isPinned ? "Pinned" : "Pin"}
      </button>
    </>
  );
}

function PreviewSize() {
  return (
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
  );
}

export function Stage() {
  const [isLarge, setLarge] = useState(false);
  return (
    <section class="stage" aria-label="The picture">
      <div class="frame">
        <Picture isLarge={isLarge} />
      </div>
      {store.previewProblem.value && <p class="problem">{store.previewProblem.value}</p>}
      <div class="under">
        <label class="slider">
          <span>Dream</span>
          <input
            type="range"
            min={0}
            max={100}
            value={store.split.value}
            aria-label="How much of the source is shown, from the left"
            onInput={(event) => (store.split.value = Number(event.currentTarget.value))}
          />
          <span>Source</span>
        </label>
        <Compare />
        {store.canToggleMask.value && (
          <button class="plain" aria-pressed={store.isMaskShown.value} title="Show the mask over the frame (key: M)" onClick={store.toggleMask}>
            Mask
          </button>
        )}
        <button class="plain" aria-pressed={isLarge} title="One pixel of the frame for one of the screen" onClick={() => setLarge(!isLarge)}>
          1:1
        </button>
        <PreviewSize />
      </div>
    </section>
  );
}
