import type { ComponentChildren } from "preact";
import type { GridTile } from "./store";
import * as store from "./store";

function whyEmpty(tile: GridTile): string {
  return tile.missing?.length ? `needs the network ${tile.missing.join(", ")}` : "not possible here";
}

/** A loop's pictures lie over each other, and one of them is seen. */
function Loop({ pictures }: { pictures: string[] }) {
  const at = store.loopFrame.value % pictures.length;
  return (
    <span class="loop">
      {pictures.map((address, index) => (
        <img key={address} class={index === at ? "now" : undefined} src={address} alt="" />
      ))}
    </span>
  );
}

function Picture({ tile }: { tile: GridTile }) {
  const source = store.sourcePicture.value;
  if (tile.pictures) return <Loop pictures={tile.pictures} />;
  if (tile.picture) return <img src={tile.picture} alt="" />;
  return (
    <span class="empty">
      {tile.problem ? whyEmpty(tile) : source && <img src={source} alt="" />}
      {tile.share !== undefined && <span class="share" style={{ width: `${100 * tile.share}%` }} />}
    </span>
  );
}

interface TilesProps {
  tiles: GridTile[];
  isChosen: (tile: GridTile) => boolean;
  pick: (tile: GridTile) => void;
  /** What stands below a tile. */
  below?: (tile: GridTile) => ComponentChildren;
}

/** Small dreams of the frame that is shown, filling in as they are dreamed. */
export function Tiles({ tiles, isChosen, pick, below }: TilesProps) {
  return (
    <ul class="tiles">
      {tiles.map((tile) => (
        <li key={tile.title}>
          <button
            class="tile"
            aria-pressed={isChosen(tile)}
            disabled={Boolean(tile.problem)}
            title={tile.problem ?? tile.sentence}
            onClick={() => pick(tile)}
          >
            <Picture tile={tile} />
            <span class="name">{tile.title}</span>
          </button>
          {below?.(tile)}
        </li>
      ))}
    </ul>
  );
}
