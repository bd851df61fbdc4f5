import * as store from "./store";
import { Tiles } from "./Tiles";

export function Looks() {
  const tiles = store.tiles.value;
  const done = tiles.filter((tile) => tile.picture || tile.problem).length;
  return (
    <>
      <div class="lead">
        <p>
          {tiles.length === 0
            ? "See every look on the frame that is shown."
            : done < tiles.length
              ? `Each look on your own picture: ${done} of ${tiles.length}`
              : "Each look on your own picture. Choose one."}
        </p>
        <button class="plain" onClick={() => void store.dreamLooks()}>
          {tiles.length === 0 ? "Show the looks" : "Anew"}
        </button>
      </div>
      <Tiles
        tiles={tiles}
        isChosen={(tile) => store.look.value === tile.title}
        pick={(tile) => store.pickLook(tile.title)}
      />
    </>
  );
}
