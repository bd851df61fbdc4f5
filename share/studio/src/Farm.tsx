import type { Chunk, ChunkState, Farm as FarmState } from "./api";
import * as store from "./store";
import { count } from "./words";

const kStates: ChunkState[] = ["done", "running", "waiting", "failed"];

const framesOf = ({ ranges }: Chunk) => ranges.map(({ begin, end }) => (end - begin > 1 ? `${begin} to ${end - 1}` : `${begin}`)).join(", ");

// Why a chunk is as it is, where its state alone does not say it.
function note({ state, status, holder }: Chunk): string {
  if (state === "running") return holder;
  if (state === "failed") return status === "damaged" ? "its file is damaged" : `${holder} gives no sign of life`;
  return "";
}

function Row({ chunk }: { chunk: Chunk }) {
  return (
    <tr>
      <td>{chunk.chunk}</td>
      <td>{framesOf(chunk)}</td>
      <td class={`state ${chunk.state}`}>{chunk.state}</td>
      <td>
        {chunk.frames_done} of {chunk.frames}
      </td>
      <td>{note(chunk)}</td>
    </tr>
  );
}

function sentence(farm: FarmState): string {
  const counts = farm.counts!;
  const parts = kStates.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  const all = kStates.reduce((sum, state) => sum + counts[state], 0);
  return `${count(all, "chunk")}: ${parts.join(", ")}`;
}

/** The farm's chunks along the time line, as `dreamreel farm status` tells them. */
export function Farm() {
  const farm = store.farm.value;
  const last = Math.max(1, store.frames.value - 1);
  const percent = (frame: number) => (100 * Math.max(0, Math.min(frame, last))) / last;
  if (!farm?.plan || !farm.counts) return null;
  // A join may remove the work folder once the output is whole.
  const isJoined = farm.output_exists && farm.frames_done === 0;
  const all = Object.values(farm.counts).reduce((sum, one) => sum + one, 0);
  return (
    <div class="frames farm">
      <div class="strip" aria-hidden="true">
        {farm.chunks.flatMap((chunk) =>
          chunk.ranges.map(({ begin, end }) => (
            <span
              key={begin}
              class={`chunk ${chunk.state}`}
              title={`chunk ${chunk.chunk}: ${chunk.state}`}
              style={{ left: `${percent(begin - 0.5)}%`, width: `${percent(end - 0.5) - percent(begin - 0.5)}%` }}
            />
          )),
        )}
      </div>
      <details>
        <summary>
          Farm of {farm.plan}: {isJoined ? "joined" : sentence(farm)}
        </summary>
        <div class="rows" role="region" aria-label="The farm's chunks" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th>chunk</th>
                <th>frames</th>
                <th>state</th>
                <th>finished</th>
                <th>
                  <span class="unseen">note</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {farm.chunks.map((chunk) => (
                <Row key={chunk.chunk} chunk={chunk} />
              ))}
            </tbody>
          </table>
          {farm.chunks.length < all && <p>The first {farm.chunks.length} chunks are listed.</p>}
        </div>
      </details>
    </div>
  );
}
