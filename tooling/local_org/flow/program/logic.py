"""How conditions are combined: `and`, `or`, or custom logic such as `1 AND (2 OR NOT 3)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..frames import Frame, Test


class LogicError(Exception):
    """The logic is no expression over the conditions' numbers."""


def combine(logic: str | None, tests: Sequence[Test]) -> Test:
    """One test of many; no tests are always met.

    Raises:
        LogicError: see there.
    """
    word = (logic or "and").strip().lower()
    if not tests:
        return lambda frame: True
    if word in ("and", "or") and len(tests) == 1:
        return tests[0]
    group = list(tests)
    if word == "and":
        return _all(group)
    if word == "or":
        return _any(group)
    return parse_logic(logic or "", len(group), lambda number: group[number - 1])


def parse_logic(text: str, count: int, leaf: Callable[[int], Test]) -> Test:
    """A custom logic over conditions 1 to count.

    Raises:
        LogicError: see there.
    """
    tokens = re.findall(r"\d+|\(|\)|[A-Za-z]+|\S", text)
    position = 0

    def peek() -> str:
        return tokens[position].upper() if position < len(tokens) else ""

    def take() -> str:
        nonlocal position
        token = peek()
        position += 1
        return token

    def either() -> Test:
        tests = [both()]
        while peek() == "OR":
            take()
            tests.append(both())
        return tests[0] if len(tests) == 1 else _any(tests)

    def both() -> Test:
        tests = [single()]
        while peek() == "AND":
            take()
            tests.append(single())
        return tests[0] if len(tests) == 1 else _all(tests)

    def single() -> Test:
        token = take()
        if token == "NOT":
            test = single()
            return lambda frame: not test(frame)
        if token == "(":
            test = either()
            if take() != ")":
                raise LogicError(f"The condition logic {text!r} lacks a closing parenthesis.")
            return test
        if not token.isdigit():
            raise LogicError(f"The condition logic {text!r} isn't valid.")
        if not 1 <= int(token) <= count:
            raise LogicError(f"The condition logic {text!r} refers to condition {token}, but there are {count} conditions.")
        return leaf(int(token))

    test = either()
    if position != len(tokens):
        raise LogicError(f"The condition logic {text!r} isn't valid.")
    return test


def _all(tests: list[Test]) -> Test:
    def every(frame: Frame) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if not test(frame):
                return False
        return True

    return every


def _any(tests: list[Test]) -> Test:
    def some(frame: Frame) -> bool:
        for test in tests:  # noqa: SIM110
            if test(frame):
                return True
        return False

    return some
