import type { Tile } from "./store";
import * as store from "./store";

function whyEmpty(tile: Tile): string {
  return tile.missing?.length ? `needs the network ${tile.missing.join(", ")}` : "not possible here";
}

/** Small dreams of the frame that is shown, filling in as they are dreamed. */
export function Tiles({ tiles, isChosen, pick }: { tiles: Tile[]; isChosen: (tile: Tile) => boolean; pick: (tile: Tile) => void }) {
  const source = store.sourcePicture.value;
  return (
    <ul class="tiles">
      {tiles.map((tile) => (
        <li key={tile.title}>
          <button
            aria-pressed={isChosen(tile)}
            disabled={Boolean(tile.problem)}
            title={tile.problem ?? tile.sentence}
            onClick={() => pick(tile)}
          >
            {tile.picture ? (
              <img src={tile.picture} alt="" />
            ) : (
              <span class="empty">{tile.problem ? whyEmpty(tile) : source && <img src={source} alt="" />}</span>
            )}
            <span class="name">{tile.title}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
