"""``%qforge`` and ``%%qforge``: from a call to its value, in IPython."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display

from qforge_jupyter.device import check_device
from qforge_jupyter.errors import CallError, InternalError, QForgeError, told
from qforge_jupyter.language.names import read_arrow
from qforge_jupyter.language.parsing import Call, parse_call
from qforge_jupyter.magics.rendering import Interrupted, as_shown, as_users
from qforge_jupyter.watch import Watch

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from qforge_jupyter.context import Context
    from qforge_jupyter.magics.binding import Bound
    from qforge_jupyter.verbs._stored import Stored

#: What a verb counts while it works, where it is not rows.
UNITS = {
    "load": "files",
    "calculate": "molecules",
    "sync": "runs",
    "recommend": "trials",
    "fix": "steps",
    **dict.fromkeys(("check", "localize", "cascade", "suggest"), "steps"),
}
#: Verbs whose result has a widget below its page.
VIEWED = ("label", "dashboard", "check")
_HELP = re.compile(r"^\s*%{1,2}qforge(?:\s+([\w-]+))?\s*\?{1,2}\s*$")


@magics_class
class QforgeMagics(Magics):
    """The language of a notebook cell.

    ``%qforge help`` lists the verbs; ``%qforge VERB?`` explains one.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.context: Context | None = None
        self.call: Call | None = None
        self.cell_sha256 = ""
        #: Whether whoever does the call writes it down, also when it fails.
        self.is_recorded = False

    def pre_run_cell(self, info: Any) -> None:
        """Remember which source runs, so that lineage can name it."""
        source = info.raw_cell or ""
        self.cell_sha256 = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()

    @no_var_expand
    @line_cell_magic
    def qforge(self, line: str, cell: str | None = None) -> Any:
        """Score, certify, calculate and keep the proof.

        %qforge VERB SUBJECT (word VALUE)* (--option VALUE)*

        `%qforge help` lists the verbs, `%qforge help VERB` explains one.
        Every call of a verb is recorded as a run, also one that cannot be
        read, once a workspace is open; none is opened to record a mistake
        or a page of help.
        """
        watch = Watch()
        self.is_recorded = False
        source = line if cell is None else f"{line}\n{cell}"
        magic = "%qforge" if cell is None else "%%qforge"
        is_debug = "--debug" in line.split()
        try:
            try:
                return self._run(line, cell)
            except BaseException as problem:
                self._write_down(line, watch, problem)
                raise
        except KeyboardInterrupt as stop:
            raise Interrupted(str(stop) or "stopped; what was stored before is kept") from None
        except QForgeError as problem:
            self._place(problem)
            shown = as_shown(problem, source, magic, debug=is_debug)
            if is_debug:
                raise
            raise shown from None
        except Exception as problem:
            # What the user's own code raises is shown as any cell's error is.
            if is_debug or hasattr(problem, "of_users_code"):
                as_users(problem, self.user, debug=is_debug)
                raise
            raise as_shown(told(problem), source, magic) from None
        finally:
            self.call = None

    def _write_down(self, line: str, watch: Watch, problem: BaseException) -> None:
        """Record a call that failed before its verb was called, if a workspace is open."""
        if self.is_recorded or self.context is None or "--dry-run" in line.split():
            return
        try:
            from qforge_jupyter.verbs import VERBS

            words = line[read_arrow(line)[1] :].split()
            verb = words[0].rstrip("?") if words else ""
            if verb in VERBS.names() and "--as-python" not in words:
                context = self._here(self.context)
                hides = hasattr(VERBS.get(verb), "UNRECORDED")
                said = f"{verb} (not kept)" if hides else line
                context.write_down(verb, watch, problem, options={"call": said}, inputs={})
        except Exception:  # noqa: BLE001 - the call's own error is what the user has to read
            return

    def _place(self, problem: QForgeError) -> None:
        """Find the line of the body's key that an error blames."""
        body = self.call.body if self.call else None
        if problem.key and problem.line is None and body is not None and not body.raw:
            start = problem.column or 0
            problem.line, column = body.line_of(body.path_of(problem.key), "value")
            problem.column = column + start

    def _run(self, line: str, cell: str | None) -> Any:
        from qforge_jupyter.magics.binding import bind, split_common
        from qforge_jupyter.magics.jobs import begin_job, wanted_job
        from qforge_jupyter.verbs import VERBS

        call = self.call = parse_call(line or "help", cell, flags=_flags)
        if call.verb not in VERBS.names():
            VERBS.get(call.verb)
        common = split_common(call)
        if common.get("help"):
            call = parse_call(f"help {call.verb}")
        namespace = self._namespace()
        bound = bind(call, namespace, self._stored(namespace, common))
        job = wanted_job(common)
        if common.get("as_python"):
            from qforge_jupyter.magics.python import write_python

            return display_text(write_python(bound, seed=common.get("seed"), job=job))
        if common.get("dry_run"):
            return self._rehearsed(bound)
        if job is not None:
            return begin_job(self._told_of(bound, common), job, bound)
        return self._invoke(bound, common)

    def _stored(self, namespace: dict[str, Any], common: dict[str, Any]) -> Stored | None:
        """Show the stored datasets to a call; none where no workspace was made yet."""
        from qforge_jupyter.context import is_made
        from qforge_jupyter.frames.convert import is_tabular, to_table
        from qforge_jupyter.verbs._stored import Stored

        if self.context is None and not is_made():
            return None

        def variable(name: str) -> Any:
            found = namespace.get(name)
            return to_table(found, name) if is_tabular(found) else None

        is_rehearsal = bool(common.get("dry_run") or common.get("as_python"))
        return Stored(self._open, variable, common.get("unseal", ""), is_rehearsal)

    def _rehearsed(self, bound: Bound) -> Any:
        """Say what would be done; what would be wrong is raised as the call itself would."""
        from qforge_jupyter.context import is_made
        from qforge_jupyter.magics.dry_run import plan_of
        from qforge_jupyter.settings import read_settings
        from qforge_jupyter.verbs import rehearse

        shown = rehearse(
            self.context.settings if self.context else read_settings(),
            bound.verb,
            bound.subject,
            options=bound.options,
            body=bound.body,
            subject_name=bound.subject_text,
            open_=self._open if self.context is not None or is_made() else None,
        )
        return plan_of(bound) if shown is None else shown

    def _invoke(self, bound: Bound, common: dict[str, Any]) -> Any:
        from qforge_jupyter.magics.jobs import attached
        from qforge_jupyter.magics.progress import ProgressLine
        from qforge_jupyter.verbs import VERBS, invoke

        if bound.verb == "use":
            result = self._use(bound)
        elif bound.verb == "help" and self.context is None:
            result = VERBS.get("help").run(None, bound.subject)
        else:
            context = self._open()
            is_silent = bool(common.get("quiet")) or not context.settings.progress
            stages = getattr(VERBS.get(bound.verb), "STAGES", None)
            unit = UNITS.get(bound.verb, "rows")
            with ProgressLine(bound.verb, unit, stages=stages, silent=is_silent) as line:
                context = replace(self._told_of(bound, common), progress=line)
                self.is_recorded = True
                result = self._kept(context, bound, invoke)
        if bound.verb == "attach":
            result, names = attached(result, bound.into)
            self._keep(names, result.value if len(names) == 1 else result)
            result = result.value if result.value is not None else result
        else:
            self._keep(bound.into, result)
            self._work_on(bound, result)
        if common.get("quiet"):
            return None
        return self._viewed(result) if bound.verb in VIEWED else result

    def _told_of(self, bound: Bound, common: dict[str, Any]) -> Context:
        """Give the open workspace with what the options of every verb say."""
        context = self._here(self._open())
        return replace(
            context,
            seed=common.get("seed", context.seed),
            device=check_device(common.get("device", context.device)),
            place=replace(context.place, into=bound.into),
        )

    def _viewed(self, result: Any) -> Any:
        """Show the page of a result, and then its widget where a kernel can hear it.

        A page beside the widget is what a saved notebook still shows.
        """
        if getattr(self.user, "kernel", None) is None or self.context is None:
            return result
        from qforge_jupyter.magics.viewing import view_of

        view = view_of(result, self.context, self.user)
        if view is None:
            return result
        display(result)  # type: ignore[no-untyped-call]
        display(view)  # type: ignore[no-untyped-call]
        return None

    def _use(self, bound: Bound) -> Any:
        """Open a workspace; the call is recorded in the one that is open afterwards."""
        from qforge_jupyter.verbs import VERBS

        opened = VERBS.get("use").run(self.context, bound.subject)
        self._switch(opened)
        self.is_recorded = True
        options = {"subject": bound.subject}
        return self._here(opened).call("use", VERBS.get("status").run, options=options, inputs={})

    def _here(self, context: Context) -> Context:
        """Give the same workspace as seen from the cell that runs."""
        place = replace(context.place, cell=self._cell_id(), cell_sha256=self.cell_sha256)
        return replace(context, place=place)

    def _kept(self, context: Context, bound: Bound, invoke: Any) -> Any:
        """Call the verb; what a refusal or an interrupt still gives is bound too."""
        from qforge_jupyter.verbs._cell_code import CellCode

        body = bound.body
        if isinstance(body, CellCode):
            body = CellCode(body, self.user.user_ns)
        try:
            return invoke(
                context,
                bound.verb,
                bound.subject,
                options=bound.options,
                body=body,
                subject_name=bound.subject_text,
            )
        except BaseException as problem:
            result = getattr(problem, "result", None)
            if result is not None:
                if len(bound.into) == 1:  # what was refused has no parts
                    self._keep(bound.into, result)
                display(result)  # type: ignore[no-untyped-call]
            raise

    def _work_on(self, bound: Bound, result: Any) -> None:
        """Remember in which variable a stored dataset is worked on from now on."""
        from qforge_jupyter.results.base import Result
        from qforge_jupyter.results.tabular import Tabular

        if self.context is None or not isinstance(result, Result):
            return
        if bound.into and isinstance(result, Tabular):
            name = bound.into[0]
        elif bound.verb == "commit" and "to" in bound.option_texts:
            name = bound.subject_text or ""
        else:  # the subject names the dataset, and a variable of that name is another thing
            return
        for dataset, _, _ in result.stands_on():
            if name in self.user.user_ns:
                self.context.working.call(dataset, name)

    def _keep(self, names: tuple[str, ...], result: Any) -> None:
        if not names:
            return
        if len(names) > 1:
            parts = getattr(result, "parts", None)
            if parts is None:
                raise CallError(
                    f"The result is one and {len(names)} names came: keep one of them", line=1
                )
            if len(parts) != len(names):
                raise CallError(
                    f"The result has {len(parts)} parts that are not sealed and {len(names)} names "
                    "came: give a name to each, or one to the whole",
                    line=1,
                )
            self.user.push(dict(zip(names, parts, strict=True)))  # type: ignore[no-untyped-call]
            return
        self.user.push({names[0]: result})  # type: ignore[no-untyped-call]

    def _open(self) -> Context:
        from qforge_jupyter.context import open_context

        if self.context is None:
            self._switch(open_context())
        if self.context is None:
            raise InternalError("The workspace was closed while it was opened")
        return self.context

    def _switch(self, context: Context) -> None:
        from qforge_jupyter.verbs._job_work import wake

        self.close()
        self.context = context
        wake(context)

    def close(self) -> None:
        """Let go of the open workspace, if there is one."""
        if self.context is not None:
            self.context.close()
        self.context = None

    @property
    def user(self) -> InteractiveShell:
        """The shell, which is there whenever a magic runs."""
        if self.shell is None:
            raise InternalError("The magics run outside of IPython")
        return self.shell

    def _namespace(self) -> dict[str, Any]:
        hidden = self.user.user_ns_hidden
        return {
            name: value
            for name, value in self.user.user_ns.items()
            if name not in hidden or not name.startswith("_")
        }

    def _cell_id(self) -> str:
        kernel = getattr(self.user, "kernel", None)
        header = kernel.get_parent() if kernel is not None else {}
        return str(header.get("metadata", {}).get("cellId", ""))


def _flags(verb: str) -> frozenset[str]:
    from qforge_jupyter.verbs import VERBS, signature_of

    return signature_of(verb).flags if verb in VERBS.names() else frozenset()


def display_text(text: str) -> None:
    """Show a piece of Python as plain text."""
    display({"text/plain": text, "text/markdown": f"```python\n{text}\n```"}, raw=True)  # type: ignore[no-untyped-call]


def _help_lines(lines: list[str]) -> list[str]:
    """Let ``%qforge VERB?`` ask for help, which IPython would not find."""
    match = _HELP.match("".join(lines)) if lines else None
    return [f"%qforge help {match[1] or ''}\n"] if match else lines


def load(shell: InteractiveShell) -> None:
    """Register the magics once, however often the extension is loaded."""
    unload(shell)
    magics = QforgeMagics(shell)
    shell.register_magics(magics)
    shell.events.register("pre_run_cell", magics.pre_run_cell)
    shell.input_transformer_manager.cleanup_transforms.append(_help_lines)


def unload(shell: InteractiveShell) -> None:
    """Close the workspace and forget the magics."""
    held = shell.magics_manager.registry.pop("QforgeMagics", None)
    if held is not None:
        held.close()
        shell.events.unregister("pre_run_cell", held.pre_run_cell)
    transforms = shell.input_transformer_manager.cleanup_transforms
    transforms[:] = [each for each in transforms if getattr(each, "__name__", "") != "_help_lines"]
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("qforge", None)
