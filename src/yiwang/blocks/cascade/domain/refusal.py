"""What a node itself says against a step of another node: it travels as an error's code and facts, not as a sentence.

The sentences in both languages go along for nodes of another release, which do not know the code; and in the event's
`text`, where no person wrote one, for those that do not know refusals at all.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain.errors import FormNotTaken, RefusedElsewhere
from yiwang.blocks.cascade.domain.reasons import Reason, form
from yiwang.vocabulary.errors import Fact, YwError
from yiwang.vocabulary.forms import Mistaken
from yiwang.vocabulary.kept_errors import known_error

MOST_FACTS: Final = 20
LONGEST: Final = 500
"""Signs of a fact or a sentence that travel."""
_Words = Annotated[str, Meta(max_length=LONGEST)]
_Number = Annotated[int, Meta(ge=-(2**53), le=2**53)]
_List = Annotated[list[_Words], Meta(max_length=MOST_FACTS)]
_Facts = Annotated[dict[str, _Words | _Number | bool | _List | None], Meta(max_length=MOST_FACTS)]


class Refusal(msgspec.Struct, frozen=True):
    """An error as it travels and is kept. `zh` and `en` are its sentences at the node that made it."""

    code: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    facts: _Facts
    zh: _Words
    en: _Words

    def document(self) -> dict[str, object]:
        """As JSON."""
        made: dict[str, object] = msgspec.to_builtins(self)
        return made

    def error(self, node: str) -> YwError:
        """The error in this node's words; of a code that is unknown here, in the words of `node`, which made it."""
        known = known_error(self.code, self.facts)
        if known is not None:
            return known
        return RefusedElsewhere(node=node, reason=self.code, said_zh=_bare(self.zh), said_en=_bare(self.en))


def refusal_of(problem: Exception, node: str) -> Refusal:
    """What `node` refuses a step for. A form with mistakes is told by what is wrong in it."""
    if isinstance(problem, Mistaken):
        wrong = Reason(
            "；".join(_bare(one.zh) for one in problem.problems),
            "; ".join(_bare(one.en) for one in problem.problems),
        )
        problem = FormNotTaken(node=node, **wrong.facts)
    elif not isinstance(problem, YwError):
        problem = FormNotTaken(node=node, **form(problem).facts)
    facts = {name: _short(fact) for name, fact in list(problem.facts.items())[:MOST_FACTS]}
    return Refusal(problem.code, facts, problem.text("zh")[:LONGEST], problem.text("en")[:LONGEST])


def refusal_in(held: object) -> Refusal | None:
    """The refusal that an event or a row holds. None for none, and for one that cannot be read: its sentence stands then."""
    if not held:
        return None
    try:
        return msgspec.convert(held, Refusal)
    except msgspec.ValidationError:
        return None


def written(text: str, refusal: Refusal | None) -> str:
    """What a person wrote of an event's `text`: nothing, where it says the refusal again."""
    return "" if refusal is not None and text == refusal.zh else text


def told(text: str, refusal: Refusal | None, node: str) -> Reason:
    """For a notice: what a person wrote, the same in both languages, or what `node` said in each."""
    if text or refusal is None:
        return Reason(text[:300], text[:300])
    error = refusal.error(node)
    return Reason(error.text("zh")[:300], error.text("en")[:300])


def _short(fact: Fact) -> Fact:
    if isinstance(fact, str):
        return fact[:LONGEST]
    return [one[:LONGEST] for one in fact[:MOST_FACTS]] if isinstance(fact, list) else fact


def _bare(sentence: str) -> str:
    return sentence.strip().rstrip("。. ")
