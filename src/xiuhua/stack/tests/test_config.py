"""Settings: what the environment says, what is refused, and that the page of settings names them all."""

import dataclasses
import re
from pathlib import Path

import pytest

from xiuhua.kernel.errors import Invalid
from xiuhua.stack.bucket_address import BucketAddress
from xiuhua.stack.config import Config, read_config

PAGE = Path(__file__).resolve().parents[4] / "docs" / "operate" / "settings.md"


def test_without_any_setting_all_is_local() -> None:
    config = read_config({})
    assert config.data.name == ".data" and config.data.is_absolute()
    assert (config.address, config.http_port, config.mqtt_address, config.mqtt_port) == (
        "127.0.0.1", 8750, "127.0.0.1", 1883,
    )  # fmt: skip
    assert config.files_folder == config.data / "files"
    assert not config.secure_cookies


def test_a_public_address_asks_for_secure_cookies_and_moves_mqtt_with_it() -> None:
    config = read_config({"XIUHUA_ADDRESS": "0.0.0.0"})  # noqa: S104
    assert config.secure_cookies and config.mqtt_address == "0.0.0.0"  # noqa: S104
    assert not read_config({"XIUHUA_ADDRESS": "10.0.0.1", "XIUHUA_SECURE_COOKIES": "0"}).secure_cookies


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("XIUHUA_PORT", "http"),
        ("XIUHUA_MQTT_PORT", "70000"),
        ("XIUHUA_SECURE_COOKIES", "yes"),
        ("XIUHUA_LOG_LEVEL", "x"),
        ("XIUHUA_INGEST", "0"),
        ("XIUHUA_INGEST", "9"),
        ("XIUHUA_FILES_URL", "ftp://host/folder"),
        ("XIUHUA_FILES_URL", "s3://host-without-a-bucket"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_config({variable: value})
    assert refusal.value.params["variable"] == variable


def test_a_file_address_is_a_folder() -> None:
    assert read_config({"XIUHUA_FILES_URL": "file:///srv/evidence"}).files_folder == Path("/srv/evidence")


def test_a_bucket_is_read_from_its_address_and_its_key_may_stand_apart() -> None:
    whole = read_config(
        {"XIUHUA_FILES_URL": "s3://k%2F1:s%40c@obs.cn-east-3.example:9000/city/evidence?region=cn-east-3"}
    )
    assert whole.files_bucket == BucketAddress(
        endpoint="obs.cn-east-3.example:9000", secure=True, bucket="city", prefix="evidence/", region="cn-east-3",
        key="k/1", secret="s@c",
    )  # fmt: skip
    apart = {"XIUHUA_FILES_KEY": "k", "XIUHUA_FILES_SECRET": "very-secret"}
    plain = read_config({"XIUHUA_FILES_URL": "s3+http://127.0.0.1:9000/city", **apart})
    assert plain.files_bucket is not None and not plain.files_bucket.secure
    assert plain.files_bucket.shown == "127.0.0.1:9000/city"
    assert "very-secret" not in repr(plain) + repr(plain.files_bucket)


def test_a_bucket_without_a_key_is_refused() -> None:
    with pytest.raises(Invalid, match="XIUHUA_FILES_KEY"):
        read_config({"XIUHUA_FILES_URL": "s3://host/city"})


def test_the_page_of_settings_names_every_field_and_variable() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)`", PAGE.read_text(), re.MULTILINE)
    assert [field for field, _ in rows] == [field.name for field in dataclasses.fields(Config)]
    source = Path(__file__).parents[1].joinpath("config.py").read_text()
    read = set(re.findall(r'"(XIUHUA_\w+)"', source))
    assert {variable for _, variable in rows} == read
