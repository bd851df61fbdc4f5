import * as store from "./store";
import { Tiles } from "./Tiles";

function said(count: number, done: number): string {
  if (count === 0) return "See every look on the frame that is shown.";
  return done < count
    ? `Each look on your own picture: ${done} of ${count}`
    : "Each look on your own picture. Choose one.";
}

/** Every look on the frame that is shown; a click takes one. */
export function Looks() {
  const tiles = store.tiles.value;
  const done = tiles.filter((tile) => tile.picture || tile.problem).length;
  const missing = [...new Set(tiles.flatMap((tile) => tile.missing ?? []))].sort();
  return (
    <>
      <div class="lead">
        <p>{said(tiles.length, done)}</p>
        <button class="plain" onClick={() => void store.dreamLooks()}>
          {tiles.length === 0 ? "Show the looks" : "Show again"}
        </button>
      </div>
      <Tiles
        tiles={tiles}
        isChosen={(tile) => store.look.value === tile.title}
        pick={(tile) => store.pickLook(tile.title)}
      />
      {missing.length > 0 && (
        <div class="fetch">
          <p>Some looks need networks that are not here yet. To fetch them, run:</p>
          {missing.map((name) => (
            <code key={name}>dreamreel fetch {name}</code>
          ))}
        </div>
      )}
    </>
  );
}
