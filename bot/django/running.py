"""One operation at work: what it is given, on the models as they are, in the schema editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.django.editor import Asked, Editor
from bot.django.fields import Field
from bot.django.guessing import why_guessed
from bot.django.state import Model, State
from bot.python.values import Argument, Call, Value, text_of


class Unclear(Exception):
    """An operation says something that nobody can tell."""


@dataclass(frozen=True, slots=True)
class Run:
    """One operation with its arguments."""

    state: State
    editor: Editor
    asked: Asked
    given: Mapping[str, Argument]

    def value(self, name: str) -> Value | None:
        found = self.given.get(name)
        return found.value if found else None

    def text(self, name: str) -> str:
        found = text_of(self.value(name))
        if found is None:
            raise Unclear(f"its {name} is not written out")
        return found

    def call(self, name: str) -> Call:
        found = self.value(name)
        if not isinstance(found, Call):
            raise Unclear(f"its {name} is not written out")
        return found

    def model(self, name: str = "model_name") -> Model:
        """The model that it is about; one of which nothing is known has the usual names."""
        named = self.text(name)
        return self.state.model(named) or Model(self.state.app, named, {})

    def known_model(self, name: str = "model_name") -> Model:
        named = self.text(name)
        model = self.state.model(named)
        if model is None:
            raise Unclear(f"no migration before it that can be read makes a model `{named}`")
        return model

    def about(self, model: Model, one: Field | None = None) -> Asked:
        guessed = why_guessed(self.state, one) if one else ""
        return replace(self.asked, model=model, field=one, guessed=guessed)


def called(call: Call) -> str:
    return call.path.rpartition(".")[2] or "the operation"
