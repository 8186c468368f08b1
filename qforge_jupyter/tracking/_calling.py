"""Call MLflow so that it is silent, asks once, and fails in one sentence."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import QForgeError, TrackerError
from qforge_jupyter.redaction import redact
from qforge_jupyter.tracking._quiet import environment, is_reachable, quiet, reason_of

#: Seconds that a connection, and each later request, may take at most.
OPEN_S, REQUEST_S = 8, 5
_CHATTY = ("mlflow", "mlflow.store.db.utils", "alembic.runtime.migration", "urllib3.connectionpool")


def import_mlflow() -> None:
    """Import the client; where the user did not import MLflow, without telemetry."""
    first = {} if "mlflow" in sys.modules else {"MLFLOW_DISABLE_TELEMETRY": "true"}
    with environment(**first):
        importlib.import_module("mlflow.tracking")
        importlib.import_module("mlflow.store.tracking.sqlalchemy_store")


@contextmanager
def calling(uri: str, seconds: float) -> Iterator[None]:
    """Call MLflow in silence and turn whatever it raises into one sentence."""
    with environment(**_patience(seconds)), quiet():
        import_mlflow()
        with quiet(*_CHATTY):
            try:
                yield
            except QForgeError:
                raise
            except Exception as problem:  # noqa: BLE001 — MLflow and its databases raise anything
                raise TrackerError(
                    f"MLflow at {redact(uri)} did not take the run ({reason_of(problem)}): "
                    "start or repair it"
                ) from None


def _patience(seconds: float) -> dict[str, str]:
    """Let nothing be retried, printed or pooled, and no request outlast the call.

    The outbox retries; a pool would hold a deleted file.
    """
    request_s = max(1, min(REQUEST_S, int(seconds)))
    return {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(request_s),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT": str(2 * request_s),
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
        # A PostgreSQL that accepts and stays silent; libpq takes 2 s for the least.
        "PGCONNECT_TIMEOUT": str(max(2, min(OPEN_S, int(seconds)))),
    }


@contextmanager
def one_attempt() -> Iterator[None]:
    """Keep MLflow from trying a database ten times in 100 s.

    It holds a lock meanwhile on which every other use of MLflow would wait.
    Calls overlap where one was left behind: the last to end puts back.
    """
    from mlflow.store.db import utils

    with _attempts.lock:
        _attempts.n_calls += 1
        if _attempts.n_calls == 1:
            _attempts.usual = utils.MAX_RETRY_COUNT
            utils.MAX_RETRY_COUNT = 1
    try:
        yield
    finally:
        with _attempts.lock:
            _attempts.n_calls -= 1
            if _attempts.n_calls == 0:
                utils.MAX_RETRY_COUNT = _attempts.usual


@dataclass
class _Attempts:
    """How often MLflow usually tries, while it is kept from it."""

    usual: int = 0
    n_calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


_attempts = _Attempts()


def open_client(uri: str, seconds: float) -> Any:
    """Connect, if anybody listens there."""
    from mlflow.tracking import MlflowClient

    seconds = min(OPEN_S, seconds)
    if not is_reachable(uri, seconds):
        raise TrackerError(
            f"MLflow at {redact(uri)} did not answer within {seconds:g} s: check that it runs"
        )
    return MlflowClient(tracking_uri=uri)
