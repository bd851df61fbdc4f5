import { api } from "./api";
import * as store from "./store";

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : minutes > 0
      ? `${minutes} min ${whole % 60} s`
      : `${whole} s`;
}

/** Rendering: begin, pause, go on; what is finished is a link. */
export function RenderBar() {
  const state = store.render.value;
  const canRender = store.report.value?.ok ?? false;
  const isRunning = state?.state === "running";
  // What is finished is replaced only by a button that says so.
  const replaces = (state?.output_exists ?? false) && state?.state !== "paused";
  const share = state?.total ? (state.done ?? 0) / state.total : 0;
  return (
    <div class="render">
      {isRunning && (
        <p class="said">
          <progress max={1} value={share} aria-label="The render" />
          {state.total
            ? `${state.done ?? 0} of ${state.total} frames${state.eta_seconds ? `, ${clock(state.eta_seconds)} left` : ""}`
            : state.activity || "beginning"}
        </p>
      )}
      {state?.state === "finished" && (
        <a class="output" href={api.fileAddress(state.output)} target="_blank" rel="noreferrer">
          {state.output}
        </a>
      )}
      {state?.state === "failed" && (
        <p class="said error" title={state.message}>
          {state.message?.trim().split("\n").pop()}
        </p>
      )}
      {store.past.value.length > 0 && (
        <button class="plain" onClick={store.undo}>
          Undo
        </button>
      )}
      {isRunning ? (
        <button onClick={() => void store.pauseRender()}>Pause</button>
      ) : (
        <button
          class="main"
          disabled={!canRender}
          title={replaces ? `Replaces ${state?.output}` : undefined}
          onClick={() => void store.renderJob(replaces)}
        >
          {state?.state === "paused" ? "Go on" : (store.isPhoto.value ? "Save" : "Render") + (replaces ? " again" : "")}
        </button>
      )}
    </div>
  );
}
