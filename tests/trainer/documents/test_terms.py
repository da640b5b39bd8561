"""Terms and their document: ranges, A-2, and one text per value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical, parse
from registry.errors import ConfigError
from registry.hashing import sha256
from trainer.documents.terms_document import TermsDocument
from trainer.plan.training_plan import LocalPlan
from trainer.transforms import TransformTerms
from trainer.types import Lattice, RoundTerms

TERMS = RoundTerms(
    model_id=b"\x01" * 32,
    base_version=1,
    strategy="fedavg",
    document_digest=b"\x02" * 32,
    lattice=Lattice(16, -12, 8),
    enrolment_deadline=10,
    commit_deadline=20,
    reveal_deadline=30,
    proposal_deadline=40,
    challenge_window=5,
    minimum_participants=2,
    maximum_participants=3,
    weight_cap=1_000,
)

CLIP = TransformTerms("clip", {"norm": "0.5"})

documents = st.builds(
    TermsDocument,
    strategy=st.sampled_from(["fedavgm", "diloco"]),
    strategy_parameters=st.sampled_from([{}, {"momentum": "0.5", "learning_rate": "2"}]),
    aggregator=st.sampled_from(["nnm+trimmed_mean"]),
    aggregator_parameters=st.fixed_dictionaries(
        {"trim": st.integers(1, 9), "nnm.byzantine": st.integers(1, 9)}
    ),
    parameters=st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3).map(tuple),
    buffers=st.sampled_from(["keep", "average"]),
    scoring=st.sampled_from(["examples", "leave_one_out"]),
    plan=st.builds(
        LocalPlan,
        st.integers(1, 9),
        st.integers(1, 64),
        st.sampled_from(["adam", "sgd"]),
        st.sampled_from(["0.1", "3", "0.00001"]),
        st.integers(0, 2**63 - 1),
    ),
    evaluation=st.binary(min_size=32, max_size=32),
    scales=st.lists(
        st.tuples(st.text(min_size=1, max_size=8), st.integers(-64, 64)), max_size=2
    ).map(tuple),
    saturation=st.integers(0, 10**6),
    tied=st.dictionaries(
        st.text("ab", max_size=4), st.text("cdé", min_size=1, max_size=4), max_size=2
    ),
    transforms=st.sampled_from([(), (CLIP,), (CLIP, TransformTerms("quantize", {"levels": "3"}))]),
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(documents)
def test_a_document_comes_back_as_it_was(document: TermsDocument) -> None:
    assert TermsDocument.parse(document.to_json()) == document
    assert document.digest == sha256(document.to_json())


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_the_text_is_that_of_the_registrys_canonical_json(value: dict[str, object]) -> None:
    try:
        expected = canonical(value)
    except ConfigError:  # a lone surrogate has no UTF-8
        return
    assert canonical(value) == expected
    assert parse(expected, 10_000, "test") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a":1.5}', "floats"),
        (b'{"a":NaN}', "floats"),
        (b'{"a":1e3}', "floats"),
        (b'{"a":1,"a":1}', "appears twice"),
        (b'{"b":1,"a":1}', "canonical form"),
        (b'{"a": 1}', "canonical form"),
        (b'{"a":1}\n', "canonical form"),
        (b"[]", "expected a JSON object"),
        (b"\xff", "expected JSON"),
        (b"[" * 5_000, "expected JSON"),
        (b'{"a":"' + b"x" * 6_000 + b'"}', "at most"),
    ],
)
def test_other_texts_are_refused(text: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, 6_000, "document")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tallystick/terms/2"},
        {"buffers": "drop"},
        {"scoring": "luck"},
        {"parameters": []},
        {"parameters": "*"},
        {"scales": {"*": 1}},
        {"scales": [["*"]]},
        {"scales": [[1, "*"]]},
        {"scales": [["*", "1"]]},
        {"saturation": "1000"},
        {"saturation": 10**6 + 1},
        {"tied": ["a"]},
        {"tied": {"a": 1}},
        {"evaluation": {"digest": "0x12"}},
        {"evaluation": "0x"},
        {"surprise": 1},
        {"plan": {}},
        {"scoring": "leave_one_out", "evaluation": None},
    ],
)
def test_documents_that_say_something_else_are_refused(change: dict[str, object]) -> None:
    fields = {**json.loads(TermsDocument().to_json()), **change}
    with pytest.raises(ConfigError):
        TermsDocument.parse(canonical(fields))


@pytest.mark.parametrize("name", ["parameters", "scales"])
def test_a_pattern_that_takes_long_to_match_is_refused(name: str) -> None:
    def text(pattern: str) -> bytes:
        value = [pattern] if name == "parameters" else [[pattern, 1]]
        return canonical({**json.loads(TermsDocument().to_json()), name: value})

    assert TermsDocument.parse(text("?" * 200))
    with pytest.raises(ConfigError, match=f"at most 200 characters in {name}, got one of 201"):
        TermsDocument.parse(text("?" * 201))
    with pytest.raises(ConfigError, match=f"{name}, got one of 60000"):
        TermsDocument.parse(text("*a" * 30_000))


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"batchSize": 0},
        {"optimizer": "lion"},
        {"optimizer": []},
        {"optimizer": {}},
        {"optimizer": None},
        {"learningRate": "-0.1"},
        {"learningRate": "0"},
        {"learningRate": "nan"},
        {"seed": -1},
        {"seed": True},
    ],
)
def test_plans_out_of_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        LocalPlan.from_fields({**LocalPlan().to_fields(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"model_id": b"\x01"},
        {"base_version": 0},
        {"strategy": ""},
        {"strategy": "x" * 32},
        {"strategy": "Fédavg"},
        {"commit_deadline": 10},
        {"proposal_deadline": 29},
        {"minimum_participants": 4},
        {"minimum_participants": 0},
        {"weight_cap": 0},
        {"reward_budget": 5},
        {"reward_token": "0x" + "1" * 40},
        {"reward_token": "0x12"},
        {"challenge_window": -1},
    ],
)
def test_terms_out_of_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        replace(TERMS, **change)  # type: ignore[arg-type]


def test_a_2_terms_whose_weights_could_overflow_are_refused() -> None:
    # 2^(15 + 8) · cap · 1 < 2^62: the largest cap is 2^39 - 1.
    wide = {"minimum_participants": 1, "maximum_participants": 1}
    assert replace(TERMS, **wide, weight_cap=2**39 - 1).weight_cap == 2**39 - 1  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="A-2"):
        replace(TERMS, **wide, weight_cap=2**39)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scales", "told"),
    [
        (None, "scales as a tuple of pairs, got None"),
        ([("*", 1)], "scales as a tuple of pairs"),
        (("*",), r"each a pair of a pattern and an exponent such as .*, got '\*'"),
        ((("*", 1, 2),), "each a pair"),
        (((1, 1),), "patterns with exponents from -64 to 64, got 1 with 1"),
        ((("*", "1"),), "exponents from -64 to 64"),
        ((("*", 65),), "exponents from -64 to 64"),
    ],
)
def test_scales_that_are_none_are_refused(scales: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        TermsDocument(scales=scales)


@pytest.mark.parametrize("bits", ["16", 16.0, 12])
def test_bits_that_no_lattice_has_are_shown_as_they_are(bits: Any) -> None:
    with pytest.raises(ConfigError, match=f"bits of 8, 16 or 32, got {bits!r}"):
        Lattice(bits, -14)
