import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Shot } from "./api";
import * as store from "./store";

const kHeight = 44; // px, as in timeline.css
const kNarrowest = 16; // px of a shot that has room for a picture

/** The frames of a shot whose pictures fill it: its first one, then others as far apart as a picture is wide. */
function framesOf({ begin, end }: Shot, width: number, pictureWidth: number): number[] {
  if (width < kNarrowest) return [];
  const count = Math.max(1, Math.min(end - begin, Math.round(width / pictureWidth)));
  return Array.from({ length: count }, (_, i) => begin + Math.floor((i * (end - begin)) / count));
}

/** The source as a strip of small pictures, cut where its shots begin. A click goes to the frame that is shown there. */
export function Shots() {
  const list = store.shots.value;
  const strip = useRef<HTMLOListElement>(null);
  const [width, setWidth] = useState(0);
  const last = Math.max(1, store.frames.value - 1);
  const info = store.report.value?.info;
  const ratio = info ? info.width / info.height : 16 / 9;
  const isShown = list !== null && (list.has_pictures || list.count > 1);
  useEffect(() => {
    if (!strip.current) return;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    watch.observe(strip.current);
    return () => watch.disconnect();
  }, [isShown]);
  const share = (frame: number) => Math.max(0, Math.min(frame - 0.5, last)) / last;
  const filled = useMemo(() => {
    if (!list || !list.has_pictures) return list?.shots.map((): number[] => []) ?? [];
    return list.shots.map((shot) => framesOf(shot, (share(shot.end) - share(shot.begin)) * width, kHeight * ratio));
  }, [list, width, ratio, last]);
  useEffect(() => store.wantThumbnails(filled.flat()), [filled]);
  if (!isShown) return null;
  const at = store.frame.value;
  const here = list.shots.findIndex(({ begin, end }) => begin <= at && at < end);
  const go = (to: number) => {
    if (!list.shots[to]) return;
    store.goTo(list.shots[to].begin);
    strip.current?.querySelectorAll("button")[to]?.focus();
  };
  return (
    <ol
      class="shots"
      ref={strip}
      aria-label="Shots"
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation(); // elsewhere the arrows go from frame to frame
        // Within a shot, back is to its own beginning first.
        go(by < 0 && list.shots[here]?.begin < at ? here : here + by);
      }}
    >
      {list.shots.map(({ begin, end }, index) => (
        <li key={begin} style={{ left: `${100 * share(begin)}%`, width: `${100 * (share(end) - share(begin))}%` }}>
          <button
            tabIndex={index === Math.max(0, here) ? 0 : -1}
            aria-current={index === here ? "true" : undefined}
            aria-label={`Shot ${index + 1} of ${list.count}: frames ${begin} to ${end - 1}`}
            title={`Shot ${index + 1}: frames ${begin} to ${end - 1}`}
            onClick={(event) => {
              const picture = (event.target as HTMLElement).closest<HTMLElement>("[data-frame]");
              store.goTo(picture && event.detail > 0 ? Number(picture.dataset.frame) : begin);
            }}
          >
            {filled[index].map((frame) => {
              const address = store.thumbnails.value.get(frame);
              return (
                <span key={frame} data-frame={frame}>
                  {address && <img src={address} alt="" />}
                </span>
              );
            })}
          </button>
        </li>
      ))}
      <li class="now" aria-hidden="true" style={{ left: `${(100 * Math.min(at, last)) / last}%` }} />
    </ol>
  );
}
