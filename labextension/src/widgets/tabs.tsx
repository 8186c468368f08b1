/** Tabs that arrows walk, and a list to choose from. */
import { useRef } from "preact/hooks";

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };

export function Tabs(given: { id: string; label: string; names: string[]; open: string; onOpen: (name: string) => void }) {
  const { id, label, names, open, onOpen } = given;
  const list = useRef<HTMLDivElement>(null);
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const at = names.indexOf(open);
    let next = step === undefined ? -1 : (at + step + names.length) % names.length;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = names.length - 1;
    const name = names[next];
    if (name === undefined) return;
    event.preventDefault();
    onOpen(name);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div class="qfl-tabs" role="tablist" aria-label={label} ref={list} onKeyDown={press}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`${id}-${name}`}
          aria-selected={name === open}
          aria-controls={`${id}-panel`}
          tabIndex={name === open ? 0 : -1}
          onClick={() => onOpen(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

export function Choice(given: { label: string; names: string[]; chosen: string; onChoose: (name: string) => void }) {
  if (given.names.length < 2) return null;
  return (
    <label class="qfl-choice">
      {given.label}
      <select value={given.chosen} onChange={(event) => given.onChoose(event.currentTarget.value)}>
        {given.names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
