/** A titled piece of a panel, and a word beside it. */
import type { ComponentChildren } from "preact";

export function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="qfl-card">
      <h4>
        <bdi>{title}</bdi>
      </h4>
      {children}
    </div>
  );
}

export function Note({ children }: { children: ComponentChildren }) {
  return <p class="qfl-soft">{children}</p>;
}
