"""Drafts of a new policy version for the tests: the bundled policy with something changed."""

from collections.abc import Mapping
from importlib import resources

import yaml

from rules.policies import Policy, parse_policy


def text(*, version: int, effective_on: str, **parameters: Mapping[str, object]) -> str:
    """The bundled policy's text with another version and first day, and with parameters' values by their first day."""
    source = (resources.files("rules") / "policies/songjiang-2024-33.yaml").read_text("utf-8")
    document = yaml.safe_load(source) | {"version": version, "effective_on": effective_on}
    document["parameters"] = {
        name: {"values": {day: {"value": value, "reference": "试行修订"} for day, value in values.items()}}
        for name, values in parameters.items()
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def draft(*, version: int, effective_on: str, **parameters: Mapping[str, object]) -> Policy:
    return parse_policy(text(version=version, effective_on=effective_on, **parameters))
