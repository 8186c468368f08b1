"""A call as plain Python, for people who outgrow the cell (``--as-python``)."""

from __future__ import annotations

from qforge_jupyter.frames import Table
from qforge_jupyter.frames.span import Span
from qforge_jupyter.magics.binding import Bound
from qforge_jupyter.verbs._job_work import Wanted

LINE = 88


def write_python(bound: Bound, *, seed: int | None = None, job: Wanted | None = None) -> str:
    """Write the statement that does what the cell does.

    As a job it takes names in the place of tables.

    It stands on its own if ``ws = qf.open(...)`` came before.
    """
    if bound.verb == "use":
        return f"ws = qf.open({bound.subject!r})"
    arguments = [] if bound.subject is None else [_subject(bound)]
    arguments += [argument for name in bound.options for argument in _option(bound, name)]
    if isinstance(bound.body, str):
        arguments.insert(0 if bound.subject is None else 1, repr(str(bound.body)))
    elif bound.body is not None:
        body = bound.body.model_dump(exclude_unset=True)
        arguments += [f"{name}={value!r}" for name, value in body.items() if name.isidentifier()]
        # A question has its name in its key, with a blank before it.
        loose = {name: value for name, value in body.items() if not name.isidentifier()}
        arguments += [f"**{loose!r}"] if loose else []
    is_variable = isinstance(bound.subject, Table) and arguments[0].isidentifier()
    if is_variable and "name" not in bound.options:
        # In a cell the table is called as its variable; Python cannot know that.
        arguments.append(f"name={arguments[0]!r}")
    target = f"{', '.join(bound.into)} = " if bound.into and job is None else ""
    parts = ".parts" if len(bound.into) > 1 and job is None else ""
    place = "ws" if seed is None else f"ws.seeded({seed})"
    verb = bound.verb
    if job is not None:
        verb, arguments = "job", [repr(bound.verb), *arguments, *_of_job(job)]
    call = f"{target}{place}.{verb}({', '.join(arguments)}){parts}"
    if len(call) <= LINE:
        return call
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{target}{place}.{verb}(\n{inner}){parts}"


def _of_job(job: Wanted) -> list[str]:
    said = {"job_name": job.name, "every": job.every, "fresh_within": job.fresh_within}
    told: dict[str, object] = {name: value for name, value in said.items() if value}
    told |= {} if job.tries is None else {"tries": job.tries}
    return [f"{name}={value!r}" for name, value in told.items()]


def _subject(bound: Bound) -> str:
    text = bound.subject_text or ""
    if isinstance(bound.subject, Table):
        return _table(text)
    if isinstance(bound.subject, Span):
        return _span(text)
    return repr(bound.subject) if isinstance(bound.subject, str) else text


def _span(text: str) -> str:
    """Write two tables as a pair; the versions of a dataset are named in a text."""
    before, _, after = text.partition("..")
    names = before.strip(), after.strip()
    is_pair = " " not in text.strip() and all(each.isidentifier() for each in names)
    return f"({names[0]}, {names[1]})" if is_pair else repr(text)


def _table(text: str) -> str:
    name = text.removeprefix("{{").removesuffix("}}").strip()
    return name if name.isidentifier() else f"ws.load({text!r})"


def _option(bound: Bound, name: str) -> list[str]:
    value, text = bound.options[name], bound.option_texts.get(name, "")
    if name == "tables":
        return [f"{table}={table}" for table in value]
    if name == "known" or (name == "values" and not value):
        return []
    if isinstance(value, Table):
        return [f"{name}={_table(text)}"]
    # A report, or another tool's schema: what it is called in the kernel.
    is_plain = isinstance(value, str | int | float | bool | list | tuple)
    return [f"{name}={value!r}" if is_plain or not text else f"{name}={text}"]
