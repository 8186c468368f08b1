"""Secrets out of every text that people, logs or trackers may see."""

from __future__ import annotations

import re

#: What stands in the place of a secret.
MASK = "***"

_KEY_NAME = r"[\w.-]*(?:pass|pwd|token|secret|key|sig|credential)[\w.-]*"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A key block, whatever it is called.
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [^-]*-----|\Z)", re.DOTALL),
        MASK,
    ),
    # scheme://anything@host, also where the password holds @ or :
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/?#'\"<>]*@", re.IGNORECASE), rf"\1{MASK}@"),
    # ... and where it holds a / ? or #, which a careless hand did not encode.
    (
        re.compile(
            r"(\b[a-z][a-z0-9+.-]*://)[^\s/@'\"<>]*:(?!\d+[/?#])[^\s'\"<>]*@", re.IGNORECASE
        ),
        rf"\1{MASK}@",
    ),
    # ?password=…, &X-Amz-Signature=…, %26sig%3D…
    (
        re.compile(rf"((?:[?&;]|%3f|%26|%3b){_KEY_NAME}(?:=|%3d))[^&\s'\"<>;#]+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    # password='two words', token: …, "secret": "…"
    (
        re.compile(rf"(\b{_KEY_NAME}['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\")", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(\b(?:[\w-]*[_-])?(?:pass(?:word|wd)?|pwd|passphrase|(?:[a-z]*token)|(?:[a-z]*secret)|"
            r"api_?key|access_?key|account_?key|private_?key|sig(?:nature)?)\s*=\s*)[^\s&;,'\"<>]+",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(r"\b(bearer|basic)\s+(?=[\w.~+/=-]*[\d=.])[\w.~+/=-]{8,}", re.IGNORECASE),
        rf"\1 {MASK}",
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), MASK),
    (
        re.compile(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,})"
        ),
        MASK,
    ),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), MASK),
)


def redact(text: object) -> str:
    """Give the text with every secret that can be recognised masked.

    Users and passwords of URLs, query keys such as ``password``, ``token``,
    ``sig`` or ``key``, cloud access keys, bearer tokens and signatures go;
    host, path and harmless keys stay. Doing it twice changes nothing more.

    Parameters
    ----------
    text
        A URL, an error, a ``repr``: whatever may be shown.

    Examples
    --------
    >>> redact("postgresql+psycopg://ada:l0ve@db.example/lab?sslmode=require")
    'postgresql+psycopg://***@db.example/lab?sslmode=require'
    >>> redact("https://h/x?sig=abc%2Bd&page=2")
    'https://h/x?sig=***&page=2'
    >>> redact("2 rows in calcs.parquet")
    '2 rows in calcs.parquet'

    """
    shown = str(text)
    for pattern, replacement in _PATTERNS:
        shown = pattern.sub(replacement, shown)
    return shown
