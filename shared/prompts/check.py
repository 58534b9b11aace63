"""Whether templates can be rendered, and hold no more than they may.

A template is text with holes: variables, conditions and some filters. Loops, arithmetic and calls
would let one line take a worker's memory.
"""

from collections.abc import Collection

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.errors import InvalidInput
from shared.schemas.prompts import PromptContent

NOTE = "note"
FILTERS = frozenset(("capitalize", "default", "lower", "title", "trim", "upper"))
_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.Const, nodes.And, nodes.Or, nodes.Not, nodes.Filter,
)  # fmt: skip
_ENVIRONMENT = ImmutableSandboxedEnvironment()


def check_content(content: PromptContent) -> None:
    """Raises InvalidInput `invalid_template`, which names the member and the line."""
    known = set(content.variables)
    for member in ("system", "stricter"):
        _check(getattr(content, member), member, known)
    used = _check(content.user, "user", {*known, NOTE})
    if NOTE not in used:
        raise InvalidInput(
            "The user template does not hold the note.",
            code="invalid_template",
            param="user",
            how_to_fix="Write {{ note }} where it is to stand.",
        )


def _check(template: str, member: str, known: Collection[str]) -> set[str]:
    """The variables that it names."""
    try:
        tree = _ENVIRONMENT.parse(template)
    except TemplateSyntaxError as error:
        fix = "Close what is opened; a brace that is meant as text is written {{ '{{' }}."
        raise _refusal("is no valid template", member, error.lineno, fix) from None
    used: set[str] = set()
    for node in _walk(tree):
        if not isinstance(node, _NODES) or (
            isinstance(node, nodes.Filter) and node.name not in FILTERS
        ):
            filters = ", ".join(sorted(FILTERS))
            fix = f"It may hold variables, conditions, and the filters {filters}."
            raise _refusal("holds what a prompt may not", member, node.lineno, fix)
        if isinstance(node, nodes.Name):
            if node.name not in known:
                fix = f"Declare it in `variables`; known are {', '.join(sorted(known)) or 'none'}."
                raise _refusal("names a variable that is not known", member, node.lineno, fix)
            used.add(node.name)
    return used


def _walk(node: nodes.Node) -> list[nodes.Node]:
    found = [node]
    for child in node.iter_child_nodes():
        found += _walk(child)
    return found


def _refusal(what: str, member: str, line: int, fix: str) -> InvalidInput:
    return InvalidInput(
        f"The template {what}.", code="invalid_template", param=member, line=line, how_to_fix=fix
    )
