"""The examples in docstrings work as they stand there."""

import doctest
import importlib
import pkgutil

import pytest

import worker

# It starts the command line as soon as it is imported.
APART = {"worker.__main__"}
MODULES = sorted(
    one.name for one in pkgutil.walk_packages(worker.__path__, "worker.") if one.name not in APART
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_work(name: str) -> None:
    """Given a module of the package, then each example in its docstrings gives what it says."""
    failed, _ = doctest.testmod(importlib.import_module(name))

    assert 0 == failed
