"""Every verb as a typed method: what the magics do, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

from qforge_jupyter.context import Context, open_context
from qforge_jupyter.errors import CallError
from qforge_jupyter.verbs import invoke

if TYPE_CHECKING:
    from qforge_jupyter.frames.loaded import LoadedTable
    from qforge_jupyter.results.ab import TrialReport
    from qforge_jupyter.results.acceptance import Acceptance
    from qforge_jupyter.results.agreement import AgreementReport
    from qforge_jupyter.results.biography import Biography
    from qforge_jupyter.results.calculation import CalculationReport
    from qforge_jupyter.results.cascade import Cascade
    from qforge_jupyter.results.certificate import Certificate
    from qforge_jupyter.results.collapse import Verdict
    from qforge_jupyter.results.commit import CommitReport
    from qforge_jupyter.results.comparison import ComparisonReport
    from qforge_jupyter.results.dashboard import Dashboard
    from qforge_jupyter.results.decision import LineageDecision
    from qforge_jupyter.results.deduplication import Deduplication
    from qforge_jupyter.results.described import Described
    from qforge_jupyter.results.diff import DiffReport
    from qforge_jupyter.results.disagreements import Disagreements
    from qforge_jupyter.results.diversity import Diversity
    from qforge_jupyter.results.export import Export
    from qforge_jupyter.results.features import FeatureSet
    from qforge_jupyter.results.fine_tuning import FineTuning
    from qforge_jupyter.results.fixed import Fixed
    from qforge_jupyter.results.forgotten import ForgetReport
    from qforge_jupyter.results.harvest import Harvest
    from qforge_jupyter.results.history import History
    from qforge_jupyter.results.job_listing import JobListing
    from qforge_jupyter.results.job_report import JobReport
    from qforge_jupyter.results.kept_listing import KeptListing
    from qforge_jupyter.results.labeling import Labeling
    from qforge_jupyter.results.leaks import LeakReport
    from qforge_jupyter.results.lineage import LineageReport
    from qforge_jupyter.results.localization import Localization
    from qforge_jupyter.results.matched import Match, Remembered
    from qforge_jupyter.results.merge import MergeReport
    from qforge_jupyter.results.outliers import OutlierReport
    from qforge_jupyter.results.page import Page
    from qforge_jupyter.results.prediction import PredictionReport
    from qforge_jupyter.results.recommendation import Plan, Recommended
    from qforge_jupyter.results.reference import RefReport
    from qforge_jupyter.results.score import ScoreReport
    from qforge_jupyter.results.sky_collection import SkyCollection
    from qforge_jupyter.results.sky_part import SkyPart
    from qforge_jupyter.results.split import Split
    from qforge_jupyter.results.suggestions import Suggestions
    from qforge_jupyter.results.training import TrainingRun
    from qforge_jupyter.sky.preprocessing import Preprocessing
    from qforge_jupyter.verbs._job_result import JobHandle


class Workspace:
    """An open workspace.

    Examples
    --------
    >>> import polars as pl, qforge_jupyter as qf, tempfile
    >>> ws = qf.open(tempfile.mkdtemp(), tracker="none")
    >>> calcs = pl.DataFrame({"gap": [1.0, None]})
    >>> report = ws.score(calcs, required=["gap"], ranges={"gap": "0 .. 50"})
    >>> report.scores["completeness"]
    0.5
    >>> ws.close()

    """

    def __init__(self, context: Context) -> None:
        self.context = context

    def _call(
        self,
        verb: str,
        subject: Any = None,
        *,
        body: Any = None,
        subject_name: str | None = None,
        **options: Any,
    ) -> Any:
        return invoke(
            self.context, verb, subject, options=options, body=body, subject_name=subject_name
        )

    def load(
        self,
        source: Any,
        *,
        format_: str | None = None,
        query: str | None = None,
        encoding: str | None = None,
        separator: str | None = None,
        sheet: str | None = None,
        key: str | None = None,
        hdu: str | None = None,
        nulls: Sequence[str] | None = None,
        union: bool = False,
        part: str | None = None,
        name: str | None = None,
    ) -> LoadedTable:
        """Load a table from a file, a glob, a URL, an SQL query or a variable."""
        options = dict(locals())
        del options["self"], options["source"]
        return invoke(self.context, "load", source, options=options)  # type: ignore[no-any-return]

    def score(
        self,
        table: Any,
        *,
        by: str | None = None,
        rules_from: object | None = None,
        name: str | None = None,
        **card: Any,
    ) -> ScoreReport:
        """Score a table; every key of a scorecard is a keyword."""
        return self._call(  # type: ignore[no-any-return]
            "score", table, by=by, rules_from=rules_from, body=card or None, subject_name=name
        )

    def outliers(
        self,
        table: Any,
        *,
        method: str = "iqr",
        columns: Sequence[str] | None = None,
        by: Sequence[str] | None = None,
        threshold: float | None = None,
        keys: Sequence[str] | None = None,
        contamination: float | None = None,
        document: str = "",
        where: str = "",
        name: str | None = None,
    ) -> OutlierReport:
        """Find outliers and record them as anomalies."""
        return self._call(  # type: ignore[no-any-return]
            "outliers",
            table,
            method=method,
            columns=columns,
            by=by,
            threshold=threshold,
            keys=keys,
            contamination=contamination,
            document=document,
            where=where,
            subject_name=name,
        )

    def check(
        self,
        candidate: Any,
        *,
        against: Any = None,
        target: str | None = None,
        name: str | None = None,
        **keys: Any,
    ) -> Verdict:
        """Say whether synthetic data is fit to train on, at a stated rate of false alarms."""
        return self._call(  # type: ignore[no-any-return]
            "check",
            candidate,
            against=against,
            target=target,
            body=keys or None,
            subject_name=name,
        )

    def localize(
        self, verdict: Verdict, *, top: int = 200, by: Sequence[str] | None = None
    ) -> Localization:
        """Find the rows, columns and regions that carry the damage a check has found."""
        return self._call("localize", verdict, top=top, by=by)  # type: ignore[no-any-return]

    def cascade(
        self,
        candidate: Any,
        *,
        against: Any = None,
        target: str | None = None,
        name: str | None = None,
        **keys: Any,
    ) -> Cascade:
        """Say what training on the candidate instead of real data will cost in quality."""
        return self._call(  # type: ignore[no-any-return]
            "cascade",
            candidate,
            against=against,
            target=target,
            body=keys or None,
            subject_name=name,
        )

    def diversity(
        self,
        table: Any,
        *,
        against: Any = None,
        name: str | None = None,
        **keys: Any,
    ) -> Diversity:
        """Measure how many different rows a table holds, beside real data where it is given."""
        return self._call(  # type: ignore[no-any-return]
            "diversity", table, against=against, body=keys or None, subject_name=name
        )

    def recommend(
        self,
        verdict: Verdict,
        *,
        only: Sequence[str] | None = None,
        budget_s: float | None = None,
    ) -> Plan:
        """Try fixes and rank them by the gain that real rows unseen by them confirm."""
        return self._call("recommend", verdict, only=only, budget_s=budget_s)  # type: ignore[no-any-return]

    def fix(
        self,
        table: Any,
        *,
        with_: Recommended,
        as_: str = "",
        against: Any = None,
        message: str = "",
        name: str | None = None,
    ) -> Fixed:
        """Fix a table; of a stored dataset the fix is a commit on a branch of its own."""
        return self._call(  # type: ignore[no-any-return]
            "fix",
            table,
            with_=with_,
            as_=as_,
            against=against,
            message=message,
            subject_name=name,
        )

    def match(self, verdict: Verdict, *, top: int = 10) -> Match:
        """Name the damage that a check shows, by the nearest cases whose damage is known."""
        return self._call("match", verdict, top=top)  # type: ignore[no-any-return]

    def remember(self, verdict: Verdict, *, as_: str, note: str = "") -> Remembered:
        """Remember a check under the name of what went wrong."""
        return self._call("remember", verdict, as_=as_, note=note)  # type: ignore[no-any-return]

    def agreement(
        self,
        ratings: Any,
        *,
        by: str = "item",
        labeler: str = "labeler",
        value: str = "value",
        question: str | None = None,
        time: str | None = None,
        level: str | None = None,
        categories: Sequence[str] | None = None,
        repeats: str = "last",
        aggregate: str | None = None,
        windows: int = 10,
        interval: str = "bca",
        confidence: float = 0.95,
        resamples: int = 1000,
        name: str | None = None,
    ) -> AgreementReport:
        """Measure how far labelers agree, and make labels of what they said."""
        options = dict(locals())
        del options["self"], options["ratings"], options["name"]
        return self._call("agreement", ratings, subject_name=name, **options)  # type: ignore[no-any-return]

    def suggest(
        self,
        table: Any,
        *,
        target: str,
        find: str | None = None,
        strategy: str | None = None,
        top: int = 50,
        by: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        group: Sequence[str] | None = None,
        labelers: Sequence[str] | None = None,
        ratings: Any = None,
        labeler: str = "labeler",
        cost: str | None = None,
        quality: str | None = None,
        labeled_at: str | None = None,
        folds: int = 5,
        name: str | None = None,
    ) -> Suggestions:
        """Suggest which rows to label next, or which labels are probably wrong."""
        options = dict(locals())
        del options["self"], options["table"], options["name"]
        return self._call("suggest", table, subject_name=name, **options)  # type: ignore[no-any-return]

    def leaks(
        self,
        subject: Any,
        *,
        against: Any = None,
        validation: Any = None,
        parts: str | None = None,
        target: str | None = None,
        group: Sequence[str] | None = None,
        time: str | None = None,
        columns: Sequence[str] | None = None,
        embedding: str | None = None,
        near: float | None = None,
        strict: bool = False,
        name: str | None = None,
    ) -> LeakReport:
        """Look for leaks between the parts of a data set and certify what was found."""
        options = dict(locals())
        del options["self"], options["subject"], options["name"]
        return self._call("leaks", subject, subject_name=name, **options)  # type: ignore[no-any-return]

    def deduplicate(
        self,
        table: Any,
        *,
        by: Sequence[str] | None = None,
        keep: str | None = None,
        approved: str = "",
        from_: Certificate | None = None,
        newest: str | None = None,
        merge: str | None = None,
        near: bool = False,
        within: float | None = None,
        columns: Sequence[str] | None = None,
        embedding: str | None = None,
        name: str | None = None,
    ) -> Deduplication:
        """Merge duplicate records, keeping the approved one of each."""
        options = dict(locals())
        del options["self"], options["table"], options["name"]
        return self._call("deduplicate", table, subject_name=name, **options)  # type: ignore[no-any-return]

    def certify(
        self,
        table: Any,
        *,
        from_: ScoreReport,
        approve_lineage: bool = False,
        reason: str = "",
        document_outliers: str = "",
        where: str = "",
        all_: bool = False,
        name: str | None = None,
    ) -> Certificate:
        """Certify the rows of a scored table that may be trained on."""
        return self._call(  # type: ignore[no-any-return]
            "certify",
            table,
            from_=from_,
            approve_lineage=approve_lineage,
            reason=reason,
            document_outliers=document_outliers,
            where=where,
            all_=all_,
            subject_name=name,
        )

    def split(
        self,
        table: Any,
        *,
        as_: str = "",
        by: ScoreReport | Certificate | None = None,
        name: str | None = None,
        **plan: Any,
    ) -> Split:
        """Split a table into parts and folds; every key of a plan is a keyword."""
        return self._call(  # type: ignore[no-any-return]
            "split", table, as_=as_, by=by, body=plan or None, subject_name=name
        )

    def unseal(self, part: str, *, reason: str = "") -> LoadedTable:
        """Open a sealed part of a split for a reason; every look is counted."""
        return self._call("unseal", part, reason=reason)  # type: ignore[no-any-return]

    def calculate(
        self,
        molecules: Any,
        *,
        with_: str = "gfn2-xtb",
        column: str | None = None,
        limit_s: float | None = None,
        molecule_limit_s: float | None = None,
        **settings: Any,
    ) -> CalculationReport:
        """Run real calculations in this kernel; a method's settings are keywords."""
        return self._call(  # type: ignore[no-any-return]
            "calculate",
            molecules,
            with_=with_,
            column=column,
            limit_s=limit_s,
            molecule_limit_s=molecule_limit_s,
            body=settings or None,
        )

    def predict(
        self,
        structures: Any,
        *,
        with_: str = "baseline",
        column: str | None = None,
        calibrate: Any = None,
        **told: Any,
    ) -> PredictionReport:
        """Predict properties of structures; the keys of the body are keywords."""
        return self._call(  # type: ignore[no-any-return]
            "predict",
            structures,
            with_=with_,
            column=column,
            calibrate=calibrate,
            body=told or None,
        )

    def compare(
        self,
        table: Any,
        *,
        against: Any = None,
        by: Sequence[str] | None = None,
        group: Sequence[str] | None = None,
        next_: int = 0,
        confidence: float = 0.95,
        name: str | None = None,
        **how: Any,
    ) -> ComparisonReport:
        """Compare two result sets; pairs of columns, tolerances and units are keywords."""
        return self._call(  # type: ignore[no-any-return]
            "compare",
            table,
            against=against,
            by=by,
            group=group,
            next_=next_,
            confidence=confidence,
            body=how or None,
            subject_name=name,
        )

    def predictions(
        self,
        structures: Any = None,
        *,
        with_: str | None = None,
        column: str | None = None,
        latest: bool = False,
        delete: bool = False,
        reason: str = "",
    ) -> KeptListing:
        """List the predictions that are kept, by structure and model, or delete them."""
        return self._call(  # type: ignore[no-any-return]
            "predictions",
            structures,
            with_=with_,
            column=column,
            latest=latest,
            delete=delete,
            reason=reason,
        )

    def models(self, name: str | None = None, *, from_: str = "") -> Page:
        """List the property models, show one, or fetch the weights of one: ``"fetch megnet"``."""
        return self._call("models", name, from_=from_)  # type: ignore[no-any-return]

    def export(
        self,
        table: Any,
        *,
        to: str,
        format: Sequence[str] | None = None,  # noqa: A002 — the word people type
        card: bool = False,
        split: Any = None,
        overwrite: bool = False,
        name: str | None = None,
        **told: Any,
    ) -> Export:
        """Write a table to files; what a card says beside what is known are keywords."""
        return self._call(  # type: ignore[no-any-return]
            "export",
            table,
            to=to,
            format_=[format] if isinstance(format, str) else format,
            card=card,
            split=split,
            overwrite=overwrite,
            body=told or None,
            subject_name=name,
        )

    def commit(
        self,
        table: Any,
        *,
        to: str,
        by: Sequence[str] | None = None,
        message: str = "",
        description: str = "",
        tags: Sequence[str] | None = None,
        parent: str | None = None,
        name: str | None = None,
    ) -> CommitReport:
        """Keep a table as the next version of a dataset."""
        return self._call(  # type: ignore[no-any-return]
            "commit",
            table,
            to=to,
            by=by,
            message=message,
            description=description,
            tags=tags,
            parent=parent,
            subject_name=name,
        )

    def collect(
        self,
        dataset: str,
        *,
        from_: Any,
        where: str = "",
        by: Sequence[str] | None = None,
        query: str | None = None,
        table: str | None = None,
        source: str = "",
        near: bool = False,
        within: float | None = None,
        message: str = "",
        preview: bool = False,
        **plan: Any,
    ) -> Harvest | SkyCollection:
        """Collect examples from a log of decisions; which count, and how, are keywords."""
        return self._call(  # type: ignore[no-any-return]
            "collect",
            dataset,
            from_=from_,
            where=where,
            by=by,
            query=query,
            table=table,
            source=source,
            near=near,
            within=within,
            message=message,
            preview=preview,
            body=plan or None,
        )

    def job(
        self,
        verb: str,
        subject: Any = None,
        *,
        job_name: str = "",
        every: str = "",
        fresh_within: str = "",
        tries: int | None = None,
        **call: Any,
    ) -> JobHandle:
        """Begin a call in the background; options and keys of its body are keywords."""
        from qforge_jupyter.verbs._job_result import JobHandle
        from qforge_jupyter.verbs._job_work import Wanted, begin, parts_of

        wanted = Wanted(job_name, every, fresh_within, tries)
        job = begin(self.context, wanted, verb, subject, **parts_of(verb, call))
        return JobHandle(self.context, job.name)

    def jobs(self) -> JobListing:
        """List the jobs of the workspace."""
        return self._call("jobs")  # type: ignore[no-any-return]

    def attach(self, job: str) -> JobReport:
        """Wait for a job; what it made is the report's ``value``."""
        return self._call("attach", job)  # type: ignore[no-any-return]

    def cancel(self, job: str) -> JobReport:
        """Stop a job at the border of its next chunk; what is done is kept."""
        return self._call("cancel", job)  # type: ignore[no-any-return]

    def resume(self, job: str) -> JobReport:
        """Go on with a job that was interrupted, was cancelled or failed."""
        return self._call("resume", job)  # type: ignore[no-any-return]

    def keep_schedules(self) -> None:
        """Begin jobs that are due, now and while this process lives; a notebook does by itself."""
        from qforge_jupyter.verbs._job_work import Worker, wake

        wake(self.context)
        self.context.crew.tick(self.context.store, Worker(self.context))

    def checkout(self, version: str) -> LoadedTable:
        """Take a version of a dataset out of the store, as a table."""
        return self._call("checkout", version)  # type: ignore[no-any-return]

    def describe(
        self,
        dataset: str,
        **told: Any,
    ) -> Described:
        """Show what is known of a stored dataset; keywords say what it is from now on."""
        return self._call("describe", dataset, body=told or None)  # type: ignore[no-any-return]

    def log(self, dataset: str, *, top: int = 20) -> History:
        """List the versions of a dataset, the newest first."""
        return self._call("log", dataset, top=top)  # type: ignore[no-any-return]

    def diff(
        self,
        states: Any,
        *,
        by: Sequence[str] | None = None,
        card: str | None = None,
        target: Sequence[str] | None = None,
        rows_only: bool = False,
        name: str | None = None,
    ) -> DiffReport:
        """Show what differs between two versions, or between the tables of a pair."""
        return self._call(  # type: ignore[no-any-return]
            "diff",
            states,
            by=by,
            card=card,
            target=target,
            rows_only=rows_only,
            subject_name=name,
        )

    def tag(self, version: str, *, as_: str, move: bool = False, delete: bool = False) -> RefReport:
        """Give a version a name that stays."""
        return self._call("tag", version, as_=as_, move=move, delete=delete)  # type: ignore[no-any-return]

    def branch(self, version: str, *, as_: str, delete: bool = False) -> RefReport:
        """Start a branch of a dataset at a version."""
        return self._call("branch", version, as_=as_, delete=delete)  # type: ignore[no-any-return]

    def merge(
        self,
        branch: str,
        *,
        from_: str,
        message: str = "",
        prefer: str | None = None,
        settled: Any = None,
        only_if: str = "",
        card: str | None = None,
    ) -> MergeReport:
        """Merge one branch of a dataset into another, cell by cell."""
        return self._call(  # type: ignore[no-any-return]
            "merge",
            branch,
            from_=from_,
            message=message,
            prefer=prefer,
            settled=settled,
            only_if=only_if,
            card=card,
        )

    def rollback(self, dataset: str, *, to: str, message: str = "") -> CommitReport:
        """Bring a former version back, as a new one on top."""
        return self._call("rollback", dataset, to=to, message=message)  # type: ignore[no-any-return]

    def features(
        self,
        table: Any,
        *,
        as_: str,
        from_: str = "",
        by: Sequence[str] | None = None,
        molecule_limit_s: float = 60.0,
        name: str | None = None,
        **body: Any,
    ) -> FeatureSet:
        """Register a version of features, of columns or of molecules: the body says which."""
        return self._call(  # type: ignore[no-any-return]
            "features",
            table,
            as_=as_,
            from_=from_,
            by=by,
            molecule_limit_s=molecule_limit_s,
            body=body or None,
            subject_name=name,
        )

    def train(
        self,
        name: str,
        function: Any = None,
        *,
        with_: Split | None = None,
        features: FeatureSet | None = None,
        target: str = "",
        repeat: bool = False,
    ) -> TrainingRun:
        """Train a model by a function of the split's parts, judge it, keep what repeats it."""
        return self._call(  # type: ignore[no-any-return]
            "train",
            name,
            with_=with_,
            features=features,
            target=target,
            repeat=repeat,
            body=function,
        )

    def finetune(
        self,
        model: str,
        *,
        with_: Split,
        as_: str,
        target: str,
        column: str | None = None,
        **told: Any,
    ) -> FineTuning:
        """Train a property model further on a split; the keys of the body are keywords."""
        return self._call(  # type: ignore[no-any-return]
            "finetune",
            model,
            with_=with_,
            as_=as_,
            target=target,
            column=column,
            body=told or None,
        )

    def trial(
        self,
        table: Any,
        *,
        against: Any,
        target: str,
        model: str = "ridge",
        by: Sequence[str] | None = None,
        folds: int = 5,
        name: str | None = None,
    ) -> TrialReport:
        """Train the same model on two versions, and say which is better to train on."""
        return self._call(  # type: ignore[no-any-return]
            "trial",
            table,
            against=against,
            target=target,
            model=model,
            by=by,
            folds=folds,
            subject_name=name,
        )

    def label(
        self,
        table: Any,
        *,
        as_: str = "",
        by: Sequence[str] | None = None,
        where: str = "",
        top: int | None = None,
        scores: Any = None,
        from_: Suggestions | None = None,
        name: str | None = None,
        **plan: Any,
    ) -> Labeling:
        """Label the rows of a dataset; every key of the body is a keyword.

        A question has a blank in its key: ``**{"choose tier": ["A", "B"]}``, or ``choose_tier=``.
        """
        return self._call(  # type: ignore[no-any-return]
            "label",
            table,
            as_=as_,
            by=by,
            where=where,
            top=top,
            scores=scores,
            from_=from_,
            body=plan or None,
            subject_name=name,
        )

    def adjudicate(
        self,
        dataset: Any,
        *,
        by: str = "",
        key: str = "",
        answer: str = "",
        question: str = "",
        settled: Any = None,
    ) -> Disagreements:
        """Show where labelers disagree, and settle it."""
        return self._call(  # type: ignore[no-any-return]
            "adjudicate",
            dataset,
            by=by,
            key=key,
            answer=answer,
            question=question,
            settled=settled,
        )

    def accept(
        self,
        dataset: Any,
        *,
        by: Literal["unanimous", "majority", "dawid-skene"] = "unanimous",
        leave_open: bool = False,
        message: str = "",
    ) -> Acceptance:
        """Write the accepted labels into the dataset's next version."""
        return self._call(  # type: ignore[no-any-return]
            "accept", dataset, by=by, leave_open=leave_open, message=message
        )

    def dashboard(self, dataset: Any) -> Dashboard:
        """Show how far the labeling of a dataset is, and what it lacks."""
        return self._call("dashboard", dataset)  # type: ignore[no-any-return]

    def approve(self, table: Any, *, reason: str, name: str | None = None) -> LineageDecision:
        """Approve of how a table came about."""
        return self._call("approve", table, reason=reason, subject_name=name)  # type: ignore[no-any-return]

    def revoke(self, table: Any, *, reason: str, name: str | None = None) -> LineageDecision:
        """Withdraw the approval of a table, and of all that was made of it."""
        return self._call("revoke", table, reason=reason, subject_name=name)  # type: ignore[no-any-return]

    def lineage(self, table: Any, *, export: str = "", name: str | None = None) -> LineageReport:
        """Draw where a table stems from and what stems from it."""
        return self._call("lineage", table, export=export, subject_name=name)  # type: ignore[no-any-return]

    def why(
        self,
        subject: ScoreReport | str,
        *,
        at: int | None = None,
        key: str = "",
        where: str = "",
        top: int = 10,
    ) -> Page | Biography:
        """Explain a score, or tell the whole life of a row of a stored dataset."""
        return self._call(  # type: ignore[no-any-return]
            "why", subject, at=at, key=key, where=where, top=top
        )

    def forget(
        self,
        version: str,
        *,
        where: str,
        reason: str,
        preview: bool = False,
        all_: bool = False,
        exports: bool = False,
    ) -> ForgetReport:
        """Erase rows from every version of a dataset, and leave a tombstone."""
        return self._call(  # type: ignore[no-any-return]
            "forget",
            version,
            where=where,
            reason=reason,
            preview=preview,
            all_=all_,
            exports=exports,
        )

    def verify(self, subject: Any = None, *, against: Any = None) -> Page:
        """Prove that what is stored is what was stored."""
        return self._call("verify", subject, against=against)  # type: ignore[no-any-return]

    def sql(self, query: str, *, values: Sequence[Any] = (), **tables: Any) -> LoadedTable:
        """Ask tables, given by name, and the store's own tables in SQL."""
        return self._call(  # type: ignore[no-any-return]
            "sql", body=query, tables=tables, values=tuple(values)
        )

    def status(self) -> Page:
        """Show what the workspace holds."""
        return self._call("status")  # type: ignore[no-any-return]

    def audit(self, *, top: int = 50) -> Page:
        """Show who did what, and whether the log was tampered with."""
        return self._call("audit", top=top)  # type: ignore[no-any-return]

    def sync(self) -> Page:
        """Send to the tracker what it could not take earlier."""
        return self._call("sync")  # type: ignore[no-any-return]

    def help(self, verb: str | None = None) -> Page:
        """Say what a verb does, what it takes, and show an example."""
        return self._call("help", verb)  # type: ignore[no-any-return]

    def seeded(self, seed: int) -> Workspace:
        """Give the same workspace with another seed."""
        return Workspace(replace(self.context, seed=seed))

    def close(self) -> None:
        """Let go of store and tracker; further use is refused, ``qf.open`` opens it again."""
        self.context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workspace({self.context.store.kind})"


def open(target: str = "", **settings: Any) -> Workspace:  # noqa: A001 - reads as qf.open
    """Open a workspace: a folder, which is made if need be, or a PostgreSQL URL.

    Parameters
    ----------
    target
        Where; empty takes ``QFORGE_WORKSPACE``.
    **settings
        Settings that go before the environment, as ``tracker="none"``.

    """
    return Workspace(open_context(str(target), **settings))


def load_training_data(
    dataset: str = "",
    *,
    collection: SkyCollection | None = None,
    workspace: Workspace | str = "",
) -> tuple[SkyPart, ...]:
    """Give train, validation and test of a dataset of sky detections in one call.

    Parameters
    ----------
    dataset
        Its name; the parts are those of its last split.
    collection
        What `collect` gave, in its place.
    workspace
        Where the dataset is; a path or an open workspace.

    Raises
    ------
    CallError
        There is no such dataset, or it was never split.
    SealedError
        A part is sealed.

    """
    from qforge_jupyter.verbs._sky_parts import kept_parts

    if (collection is None) == (not dataset):
        raise CallError("One thing is loaded, a dataset or a collection: give one of them")
    if collection is not None:
        return collection.parts
    if isinstance(workspace, Workspace):
        return kept_parts(workspace.context, dataset)
    with open(workspace) as opened:
        return kept_parts(opened.context, dataset)


def load_preprocessing(dataset: str, *, workspace: Workspace | str = "") -> Preprocessing:
    """Give how the cut-outs of a dataset are made, to make those that a model is asked about.

    Parameters
    ----------
    dataset
        Its name, perhaps with a version.
    workspace
        Where the dataset is; a path or an open workspace.

    Raises
    ------
    CallError
        There is no such dataset, or it holds no cut-outs.

    """
    from qforge_jupyter.verbs._sky_parts import kept_preprocessing

    if isinstance(workspace, Workspace):
        return kept_preprocessing(workspace.context, dataset)
    with open(workspace) as opened:
        return kept_preprocessing(opened.context, dataset)
