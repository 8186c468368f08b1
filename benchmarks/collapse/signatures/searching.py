"""How fast the nearest of many signatures are found, and how often they are the right ones."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.collapse.signatures.cases import Signed
from qforge_jupyter.engine.collapse.signatures.metric import Metric
from qforge_jupyter.engine.collapse.signatures.nearest import Nearest

#: Nearest ones that are asked for, and questions.
K, QUESTIONS = 10, 500


def search_lines(library: Signed, n: int) -> list[str]:
    """Fill an index with signatures like real ones, ask it, and compare with an exact search."""
    import faiss

    chance = np.random.default_rng(0)
    metric = Metric.fit(library.values, list(library.frame["mode"]))
    held, asked = many(library, n, chance), many(library, QUESTIONS, chance)
    index = Nearest(metric)
    began = time.perf_counter(), time.process_time()
    for start in range(0, n, 5_000):
        index.add(
            [str(i) for i in range(start, min(start + 5_000, n))], held[start : start + 5_000]
        )
    built = time.perf_counter() - began[0], time.process_time() - began[1]
    faiss.omp_set_num_threads(1)
    found, seconds, cpu_s = [], [], []
    for each in asked:
        began_at, cpu_at = time.perf_counter(), time.thread_time()
        found.append({at for at, _ in index.search(each, K)})
        seconds.append(time.perf_counter() - began_at)
        cpu_s.append(time.thread_time() - cpu_at)
    placed, questions = metric.place(held), metric.place(asked)
    exact = [set(map(str, np.argsort(-(placed @ each))[:K])) for each in questions]
    recall = np.mean([len(a & b) / K for a, b in zip(found, exact, strict=True)])
    p50, p95 = np.quantile(seconds, [0.5, 0.95]) * 1_000
    # On a machine that does other work too, time on the clock is mostly that of the others.
    cpu_p95 = np.quantile(cpu_s, 0.95) * 1_000
    said = f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, CPU p95 {cpu_p95:.2f} ms, recall@{K} {recall:.4f}"
    return [f"{n:,} signatures: {said}; built in {built[0]:.0f} s ({built[1]:.0f} s of CPU)"]


def many(library: Signed, n: int, chance: np.random.Generator) -> np.ndarray:
    """Mix signatures of one mode by chance, with noise: as many as are wanted, clustered alike."""
    modes = library.frame["mode"].to_numpy()
    values = library.values
    groups = [np.flatnonzero(modes == mode) for mode in np.unique(modes)]
    first = chance.integers(0, len(values), n)
    of_mode = {int(at): group for group in groups for at in group}
    second = np.array([chance.choice(of_mode[int(at)]) for at in first])
    share = chance.uniform(0, 0.5, (n, 1))
    made = (1 - share) * values[first] + share * values[second]
    made += chance.normal(scale=0.15 / np.sqrt(values.shape[1]), size=made.shape)
    found: np.ndarray = made / np.linalg.norm(made, axis=1, keepdims=True)
    return found.astype(np.float32)
