"""The page of a plan: what to do, and before and after of every fix as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    Headline,
    Section,
    Text,
    Tone,
)

if TYPE_CHECKING:
    from qforge_jupyter.results.recommendation import Plan, Recommended

TONES: dict[str, Tone] = {
    "helps": "good",
    "not proven": "caution",
    "not verified": "neutral",
    "no effect": "neutral",
    "harmful": "bad",
}
#: A score from which on nothing has to be fixed, and one up to which a cure is none.
GOOD, POOR = 95.0, 50.0
SHOWN_BARS = 6


def page_of(plan: Plan) -> Document:
    """Describe the plan."""
    blocks: list[Block] = [Facts(_facts(plan)), Text(advice_of(plan), _tone(plan))]
    if any(each.gain for each in plan.entries):
        blocks.append(_bars(plan))
    if plan.entries:
        blocks.append(_grid(plan))
    blocks += [Text(note, "caution") for note in _notes(plan)]
    if plan.declined:
        grid = Grid(("fix", "why not"), tuple(plan.declined.items()))
        blocks.append(Section("Not applicable", (grid,), is_open=False))
    return Document(
        f"How to fix {plan.candidate_name}", _verdict(plan), _tone(plan), tuple(blocks), _head(plan)
    )


def advice_of(plan: Plan) -> str:
    """Say what to do."""
    if plan.score is None:
        return "Nothing was tried."
    best = plan.helping[0] if plan.helping else None
    if best is not None and best.gain is not None:
        said = f"Apply it with  {best.code}"
        if best.gain.word_after == "collapsed" and best.gain.after < POOR:
            return (
                f"Nothing cures it: the best fix leaves a score of {best.gain.after:.1f}. "
                f"Regenerate the data; to go on with it as it is: {best.code}"
            )
        return said
    if plan.score >= GOOD and plan.word != "collapsed":
        return (
            f"No damage shows on the {plan.n_judging:,} rows that judge, so no fix can be verified "
            "on them: give more rows of real data, or leave the table as it is."
        )
    if plan.n_left:
        return "Nothing that was verified helps; not everything was: give it more time."
    return "Nothing that was tried helps: regenerate the data, or add real rows."


def _tone(plan: Plan) -> Tone:
    best = plan.helping[0].gain if plan.helping else None
    if best is None:
        return "neutral" if plan.score is not None and plan.score >= GOOD else "bad"
    return "good" if best.after >= GOOD else "fair" if best.word_after != "collapsed" else "caution"


def _verdict(plan: Plan) -> str:
    n = len(plan.helping)
    if not n:
        return f"none of {len(plan.entries)} fixes is proven to help"
    best = plan.helping[0]
    return f"{n} of {len(plan.entries)} fixes help; first: {best.title}, {best.gain} points"


def _head(plan: Plan) -> Headline | None:
    best = plan.helping[0].gain if plan.helping else None
    if best is None:
        return None
    return Headline(
        round(best.value, 1), "points of score gained", round(best.low, 1), round(best.high, 1)
    )


def _facts(plan: Plan) -> tuple[tuple[str, Cell], ...]:
    first = (
        ((f"what {plan.helping[0].name} did", plan.helping[0].sentence),) if plan.helping else ()
    )
    return (
        ("rows tried", plan.n_tried),
        ("real rows that fixes learned from", plan.n_seen),
        ("real rows that judged", plan.n_judging),
        ("score before", None if plan.score is None else round(plan.score, 1)),
        ("verdict before", plan.word or None),
        *first,
    )


def _bars(plan: Plan) -> Bars:
    bars = []
    for each in [one for one in plan.entries if one.gain][:SHOWN_BARS]:
        gain = each.gain
        if gain is None:
            continue
        tone = TONES[each.standing]
        bars.append(Bar(f"{each.place} before", round(gain.before, 1), whole=100.0))
        label = f"{each.place} after"
        note = f"{each.title}: {gain}"
        bars.append(Bar(label, round(gain.after, 1), tone=tone, note=note, whole=100.0))
    return Bars(tuple(bars), "Score before and after, on real rows that no fix has seen")


def _grid(plan: Plan) -> Grid:
    rows: list[tuple[Cell, ...]] = [
        (
            each.place,
            each.name,
            each.standing,
            str(each.gain) if each.gain else "",
            f"{each.estimated:+.1f}",
            each.gain.word_after if each.gain else "",
            each.n_changed,
            f"{each.share_copied[1]:.1%}, {each.share_near[1]:.1%}",
        )
        for each in plan.entries
    ]
    tones = tuple(TONES[each.standing] for each in plan.entries)
    head = ("", "fix", "it", "gain", "estimated", "then", "changed", "copies, near")
    caption = "gain: on rows unseen; copies, near: rows that are, or nearly are, real rows"
    return Grid(head, tuple(rows), caption, tones=tones)


def _notes(plan: Plan) -> list[str]:
    notes = []
    if any(each.takes_rows for each in plan.entries):
        notes.append(
            "Fixes that put in real rows make copies of them on purpose: check the result against "
            "real rows that it has not seen (`held_out` of what `fix` gives), and keep in mind "
            "that it is no longer synthetic data alone."
        )
    unproven = [each.name for each in plan.entries if each.standing == "not proven"]
    if unproven:
        notes.append(
            f"With {plan.n_judging:,} rows to judge by it cannot be told whether these help: "
            f"{', '.join(unproven)}."
        )
    if plan.n_left:
        why = "was stopped" if plan.is_interrupted else "ran out of time"
        notes.append(f"The trial {why}: {plan.n_left} fixes were not tried or not verified.")
    elif plan.is_interrupted:
        notes.append("The trial was stopped; what had been found is kept.")
    return notes


def page_of_one(one: Recommended) -> Document:
    """Describe one fix."""
    facts: list[tuple[str, Cell]] = [
        ("rows before", one.n_before),
        ("rows after", one.n_after),
        ("rows changed", one.n_changed),
        ("estimated gain", f"{one.estimated:+.1f}"),
        ("copies of real rows, before", f"{one.share_copied[0]:.1%}"),
        ("after", f"{one.share_copied[1]:.1%}"),
        ("near copies, before", f"{one.share_near[0]:.1%}"),
        ("near copies, after", f"{one.share_near[1]:.1%}"),
    ]
    blocks: list[Block] = [Facts(tuple(facts)), Text(_capital(one.sentence))]
    head = None
    if one.gain is not None:
        gain = one.gain
        bars = (
            Bar("before", round(gain.before, 1), note=gain.word_before, whole=100.0),
            Bar(
                "after", round(gain.after, 1), tone=TONES[one.standing], note=gain.word_after,
                whole=100.0,
            ),
        )  # fmt: skip
        blocks.append(Bars(bars, "Score on real rows that the fix has not seen"))
        head = Headline(
            round(gain.value, 1), "points of score gained", round(gain.low, 1), round(gain.high, 1)
        )
    blocks += [Text(f"Takes: {one.needs}."), Text(one.code)]
    return Document(_capital(one.title), one.standing, TONES[one.standing], tuple(blocks), head)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
