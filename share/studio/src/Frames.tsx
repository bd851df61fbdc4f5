import type { Rendered } from "./api";
import * as store from "./store";
import { count, duration } from "./words";

const kTitles = { kept: "rendered", stale: "will be rendered anew", missing: "not rendered yet" };

function cost(rendered: Rendered): string {
  if (rendered.frames_to_render === null) return "";
  if (rendered.frames_to_render === 0) return "Every frame is rendered.";
  const time = rendered.seconds === null ? "" : `, about ${duration(rendered.seconds)}`;
  return `${count(rendered.frames_to_render, "frame")} to render${time}`;
}

/** Which frames are rendered, which ones the present edit renders anew, and how long that takes. */
export function Frames() {
  const rendered = store.rendered.value;
  const last = Math.max(1, store.frames.value - 1);
  const percent = (frame: number) => (100 * Math.max(0, Math.min(frame, last))) / last;
  const problem = store.renderedProblem.value;
  if (problem) {
    return (
      <p class="problem" role="status">
        What is rendered is not known: {problem}
      </p>
    );
  }
  if (!rendered || rendered.ranges.length === 0) return null;
  const isOld = rendered.text !== store.job.value?.text; // an edit is being looked at
  return (
    <div class={isOld ? "frames old" : "frames"}>
      <ul class="strip" aria-label="Rendered frames">
        {rendered.ranges.map(({ begin, end, state }) => (
          <li
            key={begin}
            class={state}
            title={`${begin} to ${end - 1}: ${kTitles[state]}`}
            style={{ left: `${percent(begin - 0.5)}%`, width: `${percent(end - 0.5) - percent(begin - 0.5)}%` }}
            onClick={(event) => {
              const edge = event.currentTarget.parentElement!.getBoundingClientRect();
              store.goTo(((event.clientX - edge.left) / edge.width) * last);
            }}
          >
            <span class="unseen">{`Frames ${begin} to ${end - 1}: ${kTitles[state]}`}</span>
          </li>
        ))}
      </ul>
      <p class="cost" role="status">
        {cost(rendered)}
        {rendered.frames_to_render !== 0 &&
          rendered.lines.map((line) => (
            <span key={line} class="why">
              {line}
            </span>
          ))}
      </p>
    </div>
  );
}
