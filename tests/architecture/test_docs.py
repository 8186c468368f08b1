"""The documents say what the code does."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


def test_reference_is_that_of_the_code():
    import reference

    assert reference.write() == (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def test_readme_is_about_a_hundred_lines():
    assert 80 <= len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_every_path_that_the_documents_name_exists():
    named = [
        path
        for document in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/datasets.md")
        for path in re.findall(
            r"`((?:docs|examples|tools|tests|qforge_jupyter)/[\w./-]+)`",
            (ROOT / document).read_text(encoding="utf-8"),
        )
        if "NAME" not in path
    ]
    assert [] == [path for path in named if not (ROOT / path).exists()]


def test_readme_names_only_verbs_that_exist():
    from qforge_jupyter.verbs import VERBS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^%{1,2}qforge ([a-z]+)", text, re.MULTILINE)) <= set(VERBS.names())
