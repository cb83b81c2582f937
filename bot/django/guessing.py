"""The table of a model that no migration makes may be called as Django calls it by default."""

from __future__ import annotations

from bot.django.fields import USER, Field
from bot.django.state import State
from bot.model.wording import code

_PERSON = "so a person has to write this"


def why_guessed(state: State, one: Field) -> str:
    """Why it is not known what a relation points to, and what would help; "" where it is."""
    if one.relation != "one" or (found := state.target(one)).known:
        return ""
    key = one.target
    if key is None:
        return f"Which model {code(one.name)} points to is not written out, {_PERSON}."
    if key == USER and state.at(key) is None:
        return (
            "Which table has the users is not known: neither the settings that a `manage.py` names"
            f" nor the migrations of the app that they name tell it, {_PERSON}."
        )
    app, name = code(key[0]), code(key[1])
    if state.at(key) is not None:
        column = code(found.column)
        return f"No migration that was found gives {name} the column {column}, {_PERSON}."
    folders = f"{code(f'{key[0]}/migrations')} and {code(f'apps/{key[0]}/migrations')}"
    return (
        f"No migration that was found makes the model {name} of the app {app}; {code(found.table)}"
        f" is what Django calls its table unless told otherwise. They are looked for in {folders},"
        " in the folders around those of this app; elsewhere they are not read, so a person has to"
        " write this."
    )
