# SPDX-License-Identifier: Apache-2.0
"""What is published of the protocol is what the engine speaks: the schema and the page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stmatte.service import docs, schema
from stmatte.service.example import session
from stmatte.service.messages import NOTICES, REQUESTS
from stmatte.service.refusals import Code
from talking import checked

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "engine" / "stmatte" / "schemas" / "stmatte.rpc-1.schema.json"
PAGE = ROOT / "docs" / "protocol.md"


def test_the_schema_file_is_what_the_messages_say() -> None:
    advice = f"python -m stmatte.service.schema > {SCHEMA.relative_to(ROOT)}"

    assert json.loads(SCHEMA.read_text("utf-8")) == schema.schema(), advice


def test_the_page_is_what_the_messages_say() -> None:
    if not PAGE.parent.is_dir():
        pytest.skip("there are no docs beside these tests")

    assert PAGE.read_text("utf-8") == docs.page(), (
        "python -m stmatte.service.docs > docs/protocol.md"
    )


@pytest.mark.parametrize(("module", "text"), [("schema", schema.text()), ("docs", docs.page())])
def test_both_are_made_by_a_command(module: str, text: str) -> None:
    command = [sys.executable, "-m", f"stmatte.service.{module}"]

    made = subprocess.run(command, capture_output=True, check=True)

    assert made.stdout.decode() == text


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    said = schema.schema()

    def refs(value: Any) -> list[str]:
        if isinstance(value, dict):
            here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return here + [ref for one in value.values() for ref in refs(one)]
        return [ref for one in value for ref in refs(one)] if isinstance(value, list) else []

    assert {ref.removeprefix("#/$defs/") for ref in refs(said)} <= said["$defs"].keys()


def test_the_page_names_every_method_notice_and_code() -> None:
    page = docs.page()

    assert [name for name in (*REQUESTS, *NOTICES) if f"### `{name}`" not in page] == []
    assert [code for code in Code if f"| {code.value} |" not in page] == []


def test_every_line_of_the_example_is_one_of_the_protocol() -> None:
    asked: dict[object, str] = {}
    for direction, line in session():
        message = json.loads(line)
        if direction == ">":
            asked[message["id"]] = message["method"]
            REQUESTS[message["method"]][0].model_validate(message["params"])
        else:
            checked(line.encode() + b"\n")
            if "result" in message:
                REQUESTS[asked[message["id"]]][1].model_validate(message["result"])
