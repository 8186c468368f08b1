/** Fixes that were tried, what each gains, and a button that applies one. */
import { useState } from "preact/hooks";
import { Card, Note } from "../cards";
import type { Desk } from "./desk";
import { Compared } from "./dimensions";
import { Ask, Code, Sign } from "./parts";
import { duration, sentence, shown, signed, type Entry, type Fixed, type Tone, type Verdict } from "./told";

const TONES: Record<string, Tone> = { helps: "good", "not proven": "caution", harmful: "bad" };
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

export function Fixes({ desk, verdict }: { desk: Desk; verdict: Verdict }) {
  const { plan } = desk;
  const [name, setName] = useState("trial");
  const isNamed = NAME.test(name);
  return (
    <>
      {plan ? null : (
        <p>What could be done about it? Each fix is tried, and checked on real rows that it has not seen; this takes a while.</p>
      )}
      <Ask desk={desk} work="recommend" name="Try fixes" again="Try again" isDone={plan !== null} />
      {plan ? (
        <>
          <p>
            <bdi>{plan.advice}</bdi>{" "}
            <span class="qfl-soft">
              Kept as <code>{plan.name}</code>.
            </span>
          </p>
          {plan.n_left ? <Note>{shown(plan.n_left)} fixes were not tried or not verified.</Note> : null}
          {desk.fixed ? <Applied fixed={desk.fixed} verdict={verdict} /> : null}
          {plan.entries.length ? (
            <label class="qfl-choice">
              Name of the fixed table
              <input
                type="text"
                value={name}
                size={14}
                aria-invalid={!isNamed}
                onInput={(event) => setName(event.currentTarget.value.trim())}
              />
            </label>
          ) : null}
          <ol class="qfv-plan">
            {plan.entries.map((each) => (
              <Line
                key={each.place}
                entry={each}
                isOff={!isNamed || desk.isWorking || desk.phase === "lost"}
                onApply={() => void desk.start("fix", { place: each.place, name })}
                cell={`%qforge fix ${verdict.candidate.name} with ${plan.name}[${each.place}] as ${name}`}
              />
            ))}
          </ol>
          {plan.declined.length ? (
            <details>
              <summary>{shown(plan.declined.length)} fixes do not apply</summary>
              <ul class="qfv-plain">
                {plan.declined.map(([fix, why]) => (
                  <li key={fix}>
                    {fix}: <bdi>{why}</bdi>
                  </li>
                ))}
              </ul>
            </details>
          ) : null}
          <Note>
            Gains were measured on {shown(plan.n_judging)} real rows that no fix has seen, with 95 % intervals.
          </Note>
        </>
      ) : null}
    </>
  );
}

function Line(given: { entry: Entry; isOff: boolean; onApply: () => void; cell: string }) {
  const { entry } = given;
  const { gain } = entry;
  return (
    <li>
      <div class="qfv-fix">
        <Sign tone={TONES[entry.standing] ?? "neutral"} />
        <b>{sentence(entry.title)}</b>
        <span class="qfv-standing">{entry.standing}</span>
        {gain ? <Arrow gain={gain} /> : <span>estimated {signed(entry.estimated)}</span>}
        <button
          type="button"
          disabled={given.isOff}
          onClick={given.onApply}
          title={given.cell}
          aria-label={`Apply: ${entry.title}`}
        >
          Apply
        </button>
      </div>
      <p class="qfl-soft">
        {gain ? `${shown(gain.before, 1)} → ${shown(gain.after, 1)}, then ${gain.word_after}. ` : ""}
        <bdi>{sentence(entry.sentence)}</bdi>. {shown(entry.n_changed)} rows changed, {shown(entry.n_after)} left
        {entry.takes_rows ? "; takes real rows" : ""}; about {duration(entry.seconds)} to apply. Takes {entry.needs}.
      </p>
    </li>
  );
}

function Arrow({ gain }: { gain: { before: number; after: number; value: number; low: number; high: number } }) {
  return (
    <span class="qfv-gain">
      <svg class="qfv-bar" aria-hidden="true" viewBox="0 0 100 16" preserveAspectRatio="none">
        <rect class="qfv-track" x="0" y="4" width="100" height="8" />
        <rect class={`qfv-fill-${gain.value < 0 ? "bad" : "good"}`} x="0" y="4" width={Math.max(0, gain.after)} height="8" />
        <path class="qfv-was" d={`M${gain.before} 0V16`} />
      </svg>
      <b>{signed(gain.value)}</b>{" "}
      <span class="qfl-soft">
        ({signed(gain.low)} to {signed(gain.high)})
      </span>
    </span>
  );
}

function Applied({ fixed, verdict }: { fixed: Fixed; verdict: Verdict }) {
  const { gain, after } = fixed;
  return (
    <Card title={`Applied: ${fixed.title}`}>
      <p role="status">
        <Sign tone={gain.word_after === "fit" ? "good" : "caution"} /> <b>{signed(gain.value)}</b> points (
        {signed(gain.low)} to {signed(gain.high)}): {gain.word_before} before, <b>{gain.word_after}</b> after, on{" "}
        {shown(fixed.n_judging)} real rows that it has not seen. <bdi>{sentence(fixed.sentence)}</bdi>. {shown(fixed.n_after)} rows,
        kept as <code>{fixed.name}</code>
        {fixed.committed ? (
          <>
            {" "}
            and committed to <code>{fixed.committed}</code>
          </>
        ) : null}
        .
      </p>
      {after ? (
        <>
          <p>
            Checked again: <Sign tone={after.tone} /> <b>{after.word}</b>, {shown(after.score, 1)} of 100.
          </p>
          <Compared after={after} before={verdict} />
          <Note>
            After the fix the reference is the half of the real rows that it has not seen; the upright line is where the
            dimension stood before.
          </Note>
        </>
      ) : null}
      <Code said="see the whole page of that check" code={`%qforge check ${fixed.name} against {{${fixed.name}.held_out}} into again`} />
    </Card>
  );
}
