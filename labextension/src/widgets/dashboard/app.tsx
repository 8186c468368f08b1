/** The whole view: what is true now, and since when. */
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { newId } from "../rpc";
import { Tabs } from "../tabs";
import { PANELS, type Chosen } from "./panels";
import type { Watcher } from "./watching";

type Name = keyof typeof PANELS;
const NAMES = Object.keys(PANELS) as Name[];

export function App({ watcher }: { watcher: Watcher }) {
  useWatcher(watcher);
  const root = useRef<HTMLDivElement>(null);
  const [id] = useState(() => `qfd-${newId().slice(0, 8)}`);
  const [open, setOpen] = useState<Name>("Overview");
  const [chosen, setChosen] = useState({ question: "", labeler: "" });
  useSight(root, watcher);
  const Panel = PANELS[open];
  const choose: Chosen["choose"] = (what) => setChosen((before) => ({ ...before, ...what }));
  return (
    <div
      ref={root}
      class="qfl qfd"
      role="group"
      aria-label={watcher.title}
      data-lm-suppress-shortcuts="true"
      data-phase={watcher.phase}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="qfd-head">
        <b>
          <bdi>{watcher.title}</bdi>
        </b>
        <State watcher={watcher} />
      </div>
      {watcher.figures ? (
        <>
          <Tabs id={id} label="Parts of the dashboard" names={NAMES} open={open} onOpen={(name) => setOpen(name as Name)} />
          <div class="qfd-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${open}`}>
            <Panel figures={watcher.figures} chosen={{ ...chosen, choose }} />
          </div>
        </>
      ) : null}
      <p class="qfl-heard" aria-live="polite">
        {watcher.said}
      </p>
    </div>
  );
}

function State({ watcher }: { watcher: Watcher }) {
  const at = watcher.asOf?.toLocaleTimeString();
  const { phase } = watcher;
  if (phase === "connecting") return <span class="qfl-soft">Asking the kernel …</span>;
  if (phase === "live") return <span class="qfd-state qfl-soft">live · as of {at}</span>;
  if (phase === "refused") {
    return (
      <span class="qfd-state qfl-trouble" role="alert">
        {watcher.problem}
      </span>
    );
  }
  const gone = phase === "lost" ? "the kernel is gone: run the cell again" : "the kernel does not answer";
  return (
    <span class="qfd-state qfd-old" role="status">
      {at ? `as of ${at}; ${gone}` : `T${gone.slice(1)}`}
    </span>
  );
}

/** Draw again whenever the figures or their state changed. */
function useWatcher(watcher: Watcher): void {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => {
    const close = watcher.watch(() => again(0));
    again(0);
    return () => void close();
  }, [watcher]);
}

/** Tell the watcher whether this view is in sight, so that nobody asks for what nobody sees. */
function useSight(root: { current: HTMLElement | null }, watcher: Watcher): void {
  useEffect(() => {
    const view = {};
    const element = root.current;
    if (!element || typeof IntersectionObserver === "undefined") watcher.see(view, true);
    else {
      const observer = new IntersectionObserver((entries) => {
        watcher.see(view, entries[entries.length - 1]?.isIntersecting ?? true);
      });
      observer.observe(element);
      return () => {
        observer.disconnect();
        watcher.see(view, false);
      };
    }
    return () => watcher.see(view, false);
  }, [watcher]);
}
