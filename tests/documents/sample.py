"""A page as a score report makes it: molecules, five dimensions, bands, checks, failing rows."""

import math

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Document,
    Facts,
    Grid,
    Headline,
    Histogram,
    Scatter,
    Section,
    Share,
    Shares,
    Text,
)

DIMENSIONS = Bars(
    (
        Bar("completeness", 0.9312, 0.9204, 0.941, "good", "required columns filled"),
        Bar("validity", 0.9871, 0.981, 0.991, "best", "2 of 9 ranges broken"),
        Bar("consistency", 0.8442, 0.823, 0.864, "fair", "gap agrees in 84 % of rows"),
        Bar("uniqueness", 0.9992, 0.997, 0.9999, "best", "1 duplicate of inchikey, method"),
        Bar("accuracy", 0.7431, 0.70, 0.781, "caution", "against 214 reference rows"),
    ),
)

BANDS = Shares(
    (
        Share("excellent", 611, "best", "0.95 to 1"),
        Share("good", 322, "good", "0.85 to 0.94: charges missing"),
        Share("acceptable", 97, "fair", "0.80 to 0.84: gap disagrees by more than 0.01 eV"),
        Share("caution", 121, "caution", "0.70 to 0.79: dipole moment and forces missing"),
        Share("exclude", 53, "bad", "below 0.70: energy at or above 0 eV"),
    ),
    "1,204 rows by overall score",
)

CHECKS = Grid(
    ("check", "passed", "failed", "not evaluable", "score"),
    (
        ("energy in .. 0 eV", 1151, 53, 0, 0.956),
        ("gap in 0 .. 50 eV", 1204, 0, 0, 1.0),
        ("orbitals in order: homo < lumo", 1198, 2, 4, 0.9983),
        ("gap agrees: gap == lumo - homo within 0.01 eV", 1012, 188, 4, 0.8433),
        ("unique by inchikey, method", 1203, 1, 0, 0.9992),
        ("forces sum to zero within 0.001 eV/Å", 0, 0, 1204, None),
    ),
    tones=("caution", "good", "caution", "bad", "caution", "neutral"),
)

FAILING = Grid(
    ("row", "molecule", "rule", "observed", "expected"),
    (
        (17, "CC(=O)Oc1ccccc1C(=O)O", "energy in .. 0 eV", 12.4071, "≤ 0 eV"),
        (
            204,
            "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
            "gap == lumo - homo within 0.01 eV",
            4.2114,
            "4.1903 ± 0.01 eV",
        ),
        (
            388,
            "C[C@@H]1CC[C@@H]2[C@H](C(=O)O[C@H]3[C@@]24[C@H]1CC[C@](O3)(OO4)C)C",
            "homo < lumo",
            -4.9,
            "> -4.87 eV",
        ),
        (917, "O=C1c2ccccc2C(=O)c2ccccc12", "required: dipole_moment", None, "a value"),
    ),
    n_more=240,
    tones=("bad", "caution", "bad", "caution"),
)

OVERALL = Histogram(
    (2, 4, 9, 13, 25, 21, 31, 44, 46, 97, 120, 181, 611),
    0.35,
    1.0,
    "Overall score of every row",
    (("ML ready", 0.8), ("exclude", 0.7)),
)

PARITY = Scatter(
    tuple(0.05 * i for i in range(214)),
    tuple(0.05 * i + 0.4 * math.sin(i * 1.7) for i in range(214)),
    "reference gap [eV]",
    "computed gap [eV]",
    "Gap against 214 reference rows",
    is_parity=True,
)

REPORT = Document(
    "calcs scored by xtb-gfn2",
    "Not ready for training: accuracy 0.7431 is below 0.80",
    "caution",
    (
        Facts((("rows", 1204), ("columns", 14), ("ML ready", 1030), ("failed rules", 4))),
        Section("Dimensions", (DIMENSIONS,)),
        Section("Bands", (BANDS,)),
        Section("Checks", (CHECKS,)),
        Section("Failing rows", (FAILING,)),
        Section(
            "Why it is refused",
            (
                Text("accuracy 0.7431 is below the 0.80 that the gate asks for", "bad"),
                Text("188 rows break gap agrees", "caution"),
                Text("no reviewer has approved the lineage", "neutral"),
            ),
        ),
        Section("Distribution", (OVERALL, PARITY), is_open=False),
    ),
    Headline(0.9008, "overall quality", 0.8915, 0.9098),
)
