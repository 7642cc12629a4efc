"""The local Ollama speaks Ollama's own wire protocol, and says the same to the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from strongroom.cli import app
from strongroom.sandbox.ollama import BadScript, OllamaOptions, Reply, create_app, read_script
from tests.serving import client_of

SCHEMA = {
    "type": "object",
    "properties": {"age": {"type": "integer"}, "available": {"type": "boolean"}},
    "required": ["age", "available"],
}
REPLIES = [Reply("how old", {"age": 22, "available": True, "unasked": 1}), Reply("hi", "Hello you")]


@pytest.fixture(scope="module")
def ollama() -> Iterator[httpx.Client]:
    options = OllamaOptions(models=("practice:latest", "tiny:1b"), replies=REPLIES)
    with client_of(create_app(options), timeout=60) as client:
        yield client


def chat(ollama: httpx.Client, words: str, **more: Any) -> httpx.Response:
    messages = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": words}]
    return ollama.post("/api/chat", json={"model": "practice", "messages": messages, **more})


def test_it_says_its_version_and_models(ollama: httpx.Client) -> None:
    assert ollama.get("/").text == "Ollama is running"
    assert ollama.get("/api/version").json()["version"].count(".") == 2
    models = ollama.get("/api/tags").json()["models"]
    assert [one["name"] for one in models] == ["practice:latest", "tiny:1b"]
    assert {"model", "modified_at", "size", "digest", "details"} <= {*models[0]}


def test_an_answer_in_one(ollama: httpx.Client) -> None:
    answer = chat(ollama, "hi there", stream=False).json()
    assert answer["message"] == {"role": "assistant", "content": "Hello you"}
    assert (answer["model"], answer["done"], answer["done_reason"]) == ("practice", True, "stop")
    assert {"created_at", "total_duration", "prompt_eval_count", "eval_count"} <= {*answer}


def test_an_answer_in_lines(ollama: httpx.Client) -> None:
    answer = chat(ollama, "hi there")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert "".join(line["message"]["content"] for line in lines) == "Hello you"
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1]["done_reason"] == "stop"
    assert "done_reason" not in lines[0]


def test_structured_output_has_what_the_schema_names(ollama: httpx.Client) -> None:
    for stream in (True, False):
        said = chat(ollama, "how old are you", stream=stream, format=SCHEMA)
        parts = [json.loads(line)["message"]["content"] for line in said.text.splitlines()]
        assert json.loads("".join(parts)) == {"age": 22, "available": True}
    least = chat(ollama, "nothing known", stream=False, format=SCHEMA).json()
    assert json.loads(least["message"]["content"]) == {"age": 0, "available": False}
    assert chat(ollama, "x", stream=False, format="json").json()["message"]["content"] == "{}"


def test_the_same_is_said_to_the_same(ollama: httpx.Client) -> None:
    said = {chat(ollama, "what now", stream=False).json()["message"]["content"] for _ in range(3)}
    assert said == {"You said: what now"}


def test_a_short_answer_is_told_as_cut(ollama: httpx.Client) -> None:
    answer = chat(ollama, "a b c d", stream=False, options={"num_predict": 2}).json()
    assert (answer["done_reason"], answer["message"]["content"]) == ("length", "You said:")


def test_loading_a_model(ollama: httpx.Client) -> None:
    answer = ollama.post("/api/chat", json={"model": "tiny:1b", "messages": []}).json()
    assert (answer["message"]["content"], answer["done_reason"]) == ("", "load")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "property name"),
        (b"[]", 400, "unmarshal"),
        (b"{}", 400, "model is required"),
        (b'{"model": "gone"}', 404, "model 'gone' not found"),
        (b'{"model": "practice", "think": true}', 400, "does not support thinking"),
        (b'{"model": "practice", "format": "yaml"}', 400, "invalid format"),
        (b'{"model": "practice", "messages": [{"role": "boss"}]}', 400, "messages"),
    ],
)
def test_bad_requests_are_refused_as_there(
    ollama: httpx.Client, body: bytes, status: int, said: str
) -> None:
    answer = ollama.post("/api/chat", content=body)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_addresses_that_are_not_there(ollama: httpx.Client) -> None:
    assert ollama.get("/api/nothing").status_code == 404
    assert ollama.get("/api/chat").status_code == 405


def test_the_control_door_refuses_nonsense(ollama: httpx.Client) -> None:
    assert ollama.post("/_sandbox/fault", json={"sulk": True}).status_code == 400
    assert ollama.post("/_sandbox/script", json={"when": "a"}).status_code == 400
    assert ollama.get("/_sandbox/nothing").status_code == 404


@pytest.mark.parametrize("text", ["{", "7", '[{"when": "("}]', '[{"when": "a", "say": 7}]'])
def test_a_script_that_makes_no_sense_is_refused(text: str, tmp_path: Any) -> None:
    with pytest.raises(BadScript):
        read_script(text)
    file = tmp_path / "script.json"
    file.write_text(text)
    done = CliRunner().invoke(app, ["sandbox", "ollama", "--script", str(file)])
    assert done.exit_code == 2
    assert "a script is a JSON list" in done.output
