"""Property models that were trained further here: a network of another model, with own weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from qforge_jupyter.engine.models import Answer, Load, Model, Predict
from qforge_jupyter.errors import CallError, ModelError, nearest
from qforge_jupyter.results.calculation import Failure

if TYPE_CHECKING:
    import torch

    from qforge_jupyter.engine.models._trainable import Trainable
    from qforge_jupyter.engine.structures.canonical import Canonical


def check_trainable(model: Model, name: str) -> Callable[[str, str], Trainable]:
    """Give what opens a model for further training on a property.

    Raises
    ------
    CallError
        It cannot be trained here, or has no such property.

    """
    if model.opened is None:
        raise CallError(
            f"The model {model.name!r} cannot be trained further here: take cgcnn, or a torch "
            "module of your own that qf.register_model made known"
        )
    known = [each.name for each in model.properties]
    if name not in known:
        raise CallError(f"No property {name[:60]!r} of {model.name}{nearest(name, known)}")
    return model.opened


def state_of(network: torch.nn.Module) -> bytes:
    """Write a network's weights as plain tensors."""
    import torch

    written = BytesIO()
    torch.save({key: each.cpu() for key, each in network.state_dict().items()}, written)
    return written.getvalue()


def tuned_model(  # noqa: PLR0913 — what is known of it
    name: str,
    version: str,
    base: Model,
    of: str,
    *,
    weights: Callable[[], bytes],
    digest: str,
    learned: str,
) -> Model:
    """Make a model of another one's network and the weights that it learned here.

    Parameters
    ----------
    name, version
        What people type, and which of that name.
    base
        Whose network it is.
    of
        The property.
    weights
        Reads them.
    digest
        Their SHA-256.
    learned
        Of what, in words.

    """
    opened = _opening(name, check_trainable(base, of), weights)
    (own,) = (each for each in base.properties if each.name == of)
    return Model(
        name,
        (replace(own, meaning=f"{own.meaning}; learned further of {learned}"),),
        _loading(opened, of),
        version=version,
        made_for=f"what {base.name} was made for, near to {learned}",
        elements=base.elements,
        needs_cell=base.needs_cell,
        licence=base.licence,
        reference=f"{base.called}, trained further here",
        notice=base.notice,
        batch=base.batch,
        digest=digest,
        members=((base, base.parameters({})),),
        opened=opened,
    )


def _opening(
    name: str, opened: Callable[[str, str], Trainable], weights: Callable[[], bytes]
) -> Callable[[str, str], Trainable]:
    """Open the network with the weights that it learned here."""

    def open_(of: str, device: str) -> Trainable:
        import torch

        made = opened(of, device)
        kept = torch.load(BytesIO(weights()), weights_only=True, map_location=device)
        try:
            made.network.load_state_dict(kept)
        except RuntimeError as problem:
            raise ModelError(
                f"The weights of {name[:60]!r} are of another network than its model has now: "
                "install or register the one that it was trained from"
            ) from problem
        made.network.eval()
        return made

    return open_


def _loading(opened: Callable[[str, str], Trainable], of: str) -> Load:
    def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — it has none
        import torch

        made = opened(of, device)

        def predict(structures: Sequence[Canonical]) -> list[Answer]:
            given = [made.encode(each) for each in structures]
            whole = [each for each in given if not isinstance(each, Failure)]
            values: list[Any] = []
            if whole:
                with torch.inference_mode():
                    values = made.unscaled(made.answer(whole).double().cpu().numpy()).tolist()
            said = iter(values)
            return [each if isinstance(each, Failure) else {of: next(said)} for each in given]

        return predict

    return load
