"""A run that is active while the user's own code works, so that its logs land there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qforge_jupyter.tracking._quiet import quiet


@contextmanager
def active_run(client: Any, uri: str, run_id: str, *, is_nested: bool) -> Iterator[None]:
    """Make a run the active one, and leave it open for what is sent afterwards.

    Parameters
    ----------
    client
        That began the run.
    uri
        Where it lies; what was set before is set again.
    run_id
        The run.
    is_nested
        Whether another run is active meanwhile.

    """
    import mlflow

    is_set = mlflow.is_tracking_uri_set()  # type: ignore[no-untyped-call]
    before = mlflow.get_tracking_uri() if is_set else None
    with quiet():
        if not is_nested:
            mlflow.set_tracking_uri(uri)
        mlflow.start_run(run_id=run_id, nested=is_nested)
    try:
        yield
    except BaseException:
        with quiet():
            mlflow.end_run("FAILED")
        raise
    else:
        with quiet():
            mlflow.end_run()
            # The record, which follows, gives it its end.
            client.update_run(run_id, status="RUNNING")
    finally:
        if not is_nested:
            with quiet():
                # None says again that nothing was set.
                mlflow.set_tracking_uri(before)  # type: ignore[arg-type]
