"""Every cell of the design's first section: what was typed, and what it asks for."""

SCORE = """\
required: [energy, gap, homo, lumo, dipole_moment, forces]
optional: [charges]
ranges:
  energy: .. 0 eV
  gap: 0 .. 50 eV
rules:
  orbitals in order: homo < lumo
  gap agrees: gap == lumo - homo within 0.01 eV
unique by: [inchikey, method]
ml ready: overall >= 0.80 and completeness >= 0.70 and no failed rule and lineage approved
"""
SPLIT = """\
parts: {train: 70, validation: 15, test: 15}
stratify: gap in 10 bins
group: scaffold(smiles)
only: ml_ready and quality >= 0.80
"""
LABEL = """\
show: "**{title}** at a {company_size} {industry} company"
choose tier: {a: A, b: B, c: C}
rate confidence: 0 .. 1
order: most informative first
overlap: 2 labelers
"""
COLLECT = """\
surveys: [hst]
confidence: ">= 0.7"
cutout: {size: 63 px, stretch: zscale, mask: labels}
refuse if: quality < 0.8
"""

#: header, body, verb, subject, options, into, value of the body
EXAMPLES = [
    ("use ./lab", None, "use", "./lab", {}, (), None),
    (
        "score calcs by xtb-gfn2 into report        # Q",
        SCORE,
        "score",
        "calcs",
        {"by": "xtb-gfn2"},
        ("report",),
        {
            "required": ["energy", "gap", "homo", "lumo", "dipole_moment", "forces"],
            "optional": ["charges"],
            "ranges": {"energy": ".. 0 eV", "gap": "0 .. 50 eV"},
            "rules": {
                "orbitals in order": "homo < lumo",
                "gap agrees": "gap == lumo - homo within 0.01 eV",
            },
            "unique by": ["inchikey", "method"],
            "ml ready": "overall >= 0.80 and completeness >= 0.70 and no failed rule"
            " and lineage approved",
        },
    ),
    (
        'certify calcs from report --approve-lineage --reason "GFN2, opt tight, reviewed"',
        None,
        "certify",
        "calcs",
        {"from": "report", "approve_lineage": True, "reason": "GFN2, opt tight, reviewed"},
        (),
        None,
    ),
    (
        "split calcs as gap-v1 seed 42                # Q8",
        SPLIT,
        "split",
        "calcs",
        {"as": "gap-v1", "seed": "42"},
        (),
        {
            "parts": {"train": "70", "validation": "15", "test": "15"},
            "stratify": "gap in 10 bins",
            "group": "scaffold(smiles)",
            "only": "ml_ready and quality >= 0.80",
        },
    ),
    (
        "label golden/contact-tier as alice where \"status = 'pending'\" top 50     # G",
        LABEL,
        "label",
        "golden/contact-tier",
        {"as": "alice", "where": "status = 'pending'", "top": "50"},
        (),
        {
            "show": "**{title}** at a {company_size} {industry} company",
            "choose tier": {"a": "A", "b": "B", "c": "C"},
            "rate confidence": "0 .. 1",
            "order": "most informative first",
            "overlap": "2 labelers",
        },
    ),
    (
        "diff golden/contact-tier HEAD..working",
        None,
        "diff",
        "golden/contact-tier HEAD..working",
        {},
        (),
        None,
    ),
    (
        'commit golden/contact-tier -m "500 validated examples"',
        None,
        "commit",
        "golden/contact-tier",
        {"message": "500 validated examples"},
        (),
        None,
    ),
    (
        "export golden/contact-tier@v2 to exports/ --format jsonl,parquet,tfrecord,hf --card",
        None,
        "export",
        "golden/contact-tier@v2",
        {"to": "exports/", "format": "jsonl,parquet,tfrecord,hf", "card": True},
        (),
        None,
    ),
    (
        "predict structures with chgnet into preds                                   # N",
        None,
        "predict",
        "structures",
        {"with": "chgnet"},
        ("preds",),
        None,
    ),
    (
        "compare preds against dft by structure_id into errors",
        "tolerance: {formation_energy: 0.05 eV/atom}",
        "compare",
        "preds",
        {"against": "dft", "by": "structure_id"},
        ("errors",),
        {"tolerance": {"formation_energy": "0.05 eV/atom"}},
    ),
    (
        "collect sky/hst-2024 from detections into train, validation, test          # A",
        COLLECT,
        "collect",
        "sky/hst-2024",
        {"from": "detections"},
        ("train", "validation", "test"),
        {
            "surveys": ["hst"],
            "confidence": ">= 0.7",
            "cutout": {"size": "63 px", "stretch": "zscale", "mask": "labels"},
            "refuse if": "quality < 0.8",
        },
    ),
    (
        "check synth against real into verdict                                      # S",
        "target: churn\nfalse alarms: 5%\n",
        "check",
        "synth",
        {"against": "real"},
        ("verdict",),
        {"target": "churn", "false alarms": "5%"},
    ),
    (
        "localize verdict top 200 into culprits",
        None,
        "localize",
        "verdict",
        {"top": "200"},
        ("culprits",),
        None,
    ),
    ("recommend verdict into plan", None, "recommend", "verdict", {}, ("plan",), None),
    (
        "fix synth with plan[0] as trial",
        None,
        "fix",
        "synth",
        {"with": "plan[0]", "as": "trial"},
        (),
        None,
    ),
]
