/** Who takes a key first: a drawing, a text with a cursor, or the map; then the rest of the view. */
import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";

export interface Press {
  key: string;
  isShift: boolean;
}

/** Give true where the key was taken. */
export type Taker = (press: Press) => boolean;

export const Takers = createContext<Set<{ take: Taker }>>(new Set());

/** Let a part of this view take keys while it is shown. */
export function useTaker(take: Taker): void {
  const takers = useContext(Takers);
  const mine = useRef({ take });
  mine.current.take = take;
  useLayoutEffect(() => { // at once: the next key may come before the next frame
    const each = mine.current;
    takers.add(each);
    return () => void takers.delete(each);
  }, [takers]);
}

/** By how much an arrow moves, or null for another key. */
export function arrow(key: string, step: number): [number, number] | null {
  switch (key) {
    case "ArrowLeft":
      return [-step, 0];
    case "ArrowRight":
      return [step, 0];
    case "ArrowUp":
      return [0, -step];
    case "ArrowDown":
      return [0, step];
    default:
      return null;
  }
}
