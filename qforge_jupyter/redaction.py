"""What no error, repr, row or tracker may show: secrets are cut out of text."""

from __future__ import annotations

import re

#: What stands in the place of a secret.
MASK = "***"

_SECRET_WORD = r"[\w.-]*(?:pass|pwd|token|secret|key|sig|credential)[\w.-]*"
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
        re.compile(rf"((?:[?&;]|%3f|%26|%3b){_SECRET_WORD}(?:=|%3d))[^&\s'\"<>;#]+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    # password='two words', token: …, "secret": "…"
    (
        re.compile(rf"(\b{_SECRET_WORD}['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\")", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(\b(?:[\w-]*[_-])?(?:pass(?:word|wd)?|pwd|passphrase|(?:[a-z]*token)|(?:[a-z]*secret)|"
            r"api_?key|access_?key|account_?key|private_?key|sig(?:nature)?)\s*=\s*)[^\s&;,'\"<>]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
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


def redact(text: str) -> str:
    """Cut user names, passwords, tokens, keys and signatures out of a text.

    Examples
    --------
    >>> redact("postgresql://ann:pw@host/db?sslpassword=x&sslmode=require")
    'postgresql://***@host/db?sslpassword=***&sslmode=require'
    >>> redact("Authorization: Bearer abcdefgh12345678")
    'Authorization: Bearer ***'

    """
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
