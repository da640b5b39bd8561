"""Payout documents (P-3): one strict reader, whoever asks.

given cumulative amounts by address
  when they are written and read: they come back as they were
given a text that another program might take
  when it is read: it is refused, so that payer, claimant and audit can't differ
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.payouts import payout_document, payout_tree, read_payout_document
from registry.errors import ConfigError

A, B = "0x" + "0" * 39 + "1", "0x" + "0" * 39 + "2"
HEAD = '{"format":"tallystick/payouts/1","leaves":'
ADDRESSES = st.integers(1, 9).map(lambda n: f"0x{n:040x}")


@given(st.dictionaries(ADDRESSES, st.integers(1, 2**256 - 1)))
def test_amounts_come_back_as_they_were(cumulative: dict[str, int]) -> None:
    text = payout_document(cumulative)
    assert read_payout_document(text) == dict(sorted(cumulative.items()))
    assert payout_document(read_payout_document(text)) == text


def test_an_amount_of_zero_is_no_leaf() -> None:
    assert read_payout_document(payout_document({A: 0, B: 5})) == {B: 5}
    assert payout_tree({A: 0, B: 5}).root == payout_tree({B: 5}).root


@pytest.mark.parametrize(
    "text",
    [
        HEAD + f'[["{A}",1.9]]}}',
        HEAD + f'[["{A}","1_0"]]}}',
        HEAD + f'[["{A}","+1"]]}}',
        HEAD + f'[["{A}"," 1"]]}}',
        HEAD + f'[["{A}","01"]]}}',
        HEAD + f'[["{A}","0"]]}}',
        HEAD + f'[["{A}","-1"]]}}',
        HEAD + f'[["{A}","٣"]]}}',
        HEAD + f'[["{A}","{2**256}"]]}}',
        HEAD + f'[["{A}",1]]}}',
        HEAD + f'[["{A}","1"],["{A}","1"]]}}',
        HEAD + f'[["{B}","1"],["{A}","1"]]}}',
        HEAD + f'[["{A}","1","2"]]}}',
        HEAD + '[["0x' + "ab" * 20 + '","1"]]}',
        HEAD + '{"a":1}}',
        HEAD + f'[["{A}", "1"]]}}',
        HEAD + "[]" + ',"more":1}',
        '{"format":"tallystick/payouts/2","leaves":[]}',
        "[]",
        "",
        '{"format":"tallystick/payouts/1"}',
    ],
)
def test_t56_a_text_that_only_a_lax_reader_takes_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="payout document"):
        read_payout_document(text.encode())
