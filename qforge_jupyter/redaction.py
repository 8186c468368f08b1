"""What no error, repr, row or tracker may show: secrets are cut out of text."""

from __future__ import annotations

import re

HIDDEN = "***"
# Every repetition is bounded, so that a long hostile text costs linear time.
_TELLING_NAME = r"[\w.-]{0,64}(?:pass|pwd|token|secret|key|sig|credential)[\w.-]{0,64}"
_PATTERNS = (
    # user:password@ in a URL, whatever the password holds, up to the last @ of the word
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)[^\s/?#:@]{0,256}:\S{0,512}@"), rf"\1{HIDDEN}@"),
    # a user name without a password may be a token, too
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)[^\s/?#'\"]{1,512}@"), rf"\1{HIDDEN}@"),
    # ?password=… and &sig=… in a URL
    (re.compile(rf"(?i)([?&;]{_TELLING_NAME}=)[^\s&;#'\"]+"), rf"\1{HIDDEN}"),
    # password=… in a connection string, TOKEN: … in an environment, "api_key": "…" in JSON
    (
        re.compile(
            r"(?i)\b([\w.-]{0,64}(?:passw(?:or)?d|pwd|token|secret|api_?key|access_?key|accountkey"
            r"|sharedaccesssignature)[\w.-]{0,64}[\"']?\s{0,8}[=:]\s{0,8})"
            r"(?:'[^']*'|\"[^\"]*\"|[^\s&;,'\"]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s{1,8}[a-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|hf_|sk-|xox[abprs]-)[A-Za-z0-9_-]{16,}"), HIDDEN),
)
#: Without one of these no pattern can match, and most texts have none.
_HINT = re.compile(r"(?i)[=:]|bearer|basic|AKIA|ASIA|gh[pousr]_|github_pat_|hf_|sk-|xox")


def redact(text: str) -> str:
    """Cut user names, passwords, tokens, keys and signatures out of a text.

    Examples
    --------
    >>> redact("postgresql://ann:pw@host/db?sslpassword=x&sslmode=require")
    'postgresql://***@host/db?sslpassword=***&sslmode=require'
    >>> redact("Authorization: Bearer abcdefgh12345678")
    'Authorization: Bearer ***'

    """
    if _HINT.search(text) is None:
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
