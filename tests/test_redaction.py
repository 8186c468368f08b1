"""No secret outlives `redact`, and nothing else is touched."""

from __future__ import annotations

import pytest

from qforge_jupyter.redaction import redact

SECRET = "hunter2Zz+/=~x"  # noqa: S105 — what is planted, to be cut out


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql+psycopg://ann:{SECRET}@host/db",
        "postgresql://hunter2token@host/db",
        f"https://ann:p@{SECRET}@host/",
        f"s3://bucket/x?AWSAccessKeyId=a&Signature={SECRET}",
        f"https://a.blob.core.windows.net/c/f?sv=2024&sig={SECRET}&se=1",
        f"postgresql://h/d?sslmode=require&sslpassword={SECRET}",
        f"https://h/?X-Amz-Security-Token={SECRET}",
        f"https://h/?client_secret={SECRET}#frag",
        f"https://h/?pwd={SECRET}",
        f"password={SECRET}",
        f"MLFLOW_TRACKING_TOKEN='{SECRET}'",
        f'{{"api_key": "{SECRET}"}}',
        f"AccountKey={SECRET};EndpointSuffix=x",
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}",
    ],
)
def test_a_secret_is_cut_out(text: str):
    assert "hunter2" not in redact(text)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAABCDEFGHIJKLMNOP",
        "ASIAABCDEFGHIJKLMNOP",
        "ghp_abcdefghijklmnop1234",
        "hf_abcdefghijklmnop1234",
        "sk-abcdefghijklmnop1234",
    ],
)
def test_a_token_is_known_by_its_form(secret: str):
    assert secret not in redact(f"it said {secret}.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "file calcs.parquet",
        "keys: inchikey, method",
        "unique by: [inchikey, method]",
        "https://host/path?page=2&sort=gap",
        "mail ann@example.org",
        "a key=value pair",
        "The token 'homo' in the rule",
        "passed 3 of 4 rules",
        "gap == lumo - homo within 0.01 eV",
    ],
)
def test_what_is_no_secret_stays(text: str):
    assert redact(text) == text


def test_the_rest_of_a_url_stays():
    shown = redact("postgresql://ann:pw@host:5432/db?sslmode=require&password=x")
    assert shown == "postgresql://***@host:5432/db?sslmode=require&password=***"


def test_redacting_twice_changes_nothing_more():
    once = redact("https://ann:pw@host/?token=abc Bearer abcdefgh1234")
    assert redact(once) == once


def test_a_long_text_is_redacted_in_reasonable_time():
    assert len(redact("a" * 200_000)) == 200_000
    assert len(redact("://" * 50_000)) == 150_000
    for part in ("a://:", "a-", "?key", "password=", "'", "\u00e9.-@"):
        redact(part * 20_000)
