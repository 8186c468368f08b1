from __future__ import annotations

import pytest

from qforge_jupyter.redaction import redact


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ada:S3CRET@db/lab",
        "postgresql+psycopg://ada:p@S3CRET@db/lab",
        "postgresql://ada:a/S3CRET@db/lab",
        "postgresql://db/lab?user=ada&password=S3CRET",
        "postgresql://db/lab?sslpassword=S3CRET&x=1",
        "https://h/x?access_token=S3CRET",
        "https://h/x?a=1&api_key=S3CRET",
        "https://acc.blob.core.windows.net/c/b?sv=2024&sig=S3CRET%3D",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=S3CRET&X-Amz-Credential=S3CRET",
        "host=db password=S3CRET user=ada",
        "password='two S3CRET words'",
        '{"secret": "S3CRET"}',
        "Authorization: Bearer S3CRETabc.def123",
        "https://token-S3CRET@host/x",
        "error at https://u:S3CRET@h/x and http://v:S3CRET@g",
    ],
)
def test_secrets_go(text):
    assert "S3CRET" not in redact(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"])
def test_cloud_keys_go(key):
    assert key not in redact(f"used {key} for it")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://db:5432/lab?sslmode=require",
        "s3://bucket/folder/a.csv",
        "file calcs.parquet",
        "the key column is id",
        "https://h/path@v2",
        "2 of 3 rows pass",
        "ada@example.org",
        "monkey business: 3 keys",
    ],
)
def test_harmless_text_stays(text):
    assert text == redact(text)
