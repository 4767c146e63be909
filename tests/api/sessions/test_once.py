"""What was worked out of an immutable object is kept with it, and with no other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.sessions.once import once


@dataclass(frozen=True)
class Pair:
    left: int
    right: int


def test_a_result_is_made_once_for_each_object_and_arguments() -> None:
    made: list[tuple[Pair, bool]] = []

    @once
    def total(pair: Pair, doubled: bool) -> int:
        made.append((pair, doubled))
        return (pair.left + pair.right) * (1 + doubled)

    pair = Pair(1, 2)
    assert [total(pair, False), total(pair, True), total(pair, False), total(pair, True)] == [3, 6, 3, 6]
    assert made == [(pair, False), (pair, True)]
    assert total(replace(pair, right=5), False) == 6
    assert (pair, repr(pair)) == (Pair(1, 2), repr(Pair(1, 2)))


def test_two_functions_do_not_take_each_others_results() -> None:
    @once
    def left(pair: Pair) -> int:
        return pair.left

    @once
    def right(pair: Pair) -> int:
        return pair.right

    pair = Pair(1, 2)
    assert (left(pair), right(pair)) == (1, 2)
