"""`epicrisis datasets derive`: a version from another, or of reviewed summaries."""

from typing import Annotated

import typer

from services.client.cli.connection import connect
from services.client.cli.dataset_add import Wait, finish
from services.client.cli.dataset_options import (
    parse_augmentations,
    parse_curation,
    parse_overrules,
    parse_reference,
    parse_version,
)
from services.client.cli.output import Json
from shared.schemas.datasets import DeriveRequest

_REVIEWS = "reviews"
Repeated = list[str] | None


def derive(  # noqa: PLR0913 - the options of one command
    ctx: typer.Context,
    version: Annotated[
        str | None, typer.Argument(metavar="NAME@V", help="What it is made from.")
    ] = None,
    from_reviews: Annotated[
        str | None,
        typer.Option(metavar="NOTE_TYPE", help="Instead: accepted and edited summaries of it."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Another dataset than its own.")
    ] = None,
    keep: Annotated[
        Repeated, typer.Option(metavar="LINE", help="Whatever was found: 17, 20-25; repeatable.")
    ] = None,
    drop: Annotated[Repeated, typer.Option(metavar="LINE", help="The other way round.")] = None,
    augment: Annotated[
        Repeated,
        typer.Option(
            metavar="OPERATOR=SHARE",
            help="As abbreviations=0.5 of the training split; repeatable. pseudo_labels gives "
            "rows without a target one that no check objects to, and names who writes it: "
            "pseudo_labels=0.5,models:/visit/2, a prompts:/… version, or prompt.",
        ),
    ] = None,
    curation: Annotated[
        Repeated,
        typer.Option(
            metavar="STEP=ACTION", help="drop, flag or off, as near_duplicate=flag; repeatable."
        ),
    ] = None,
    allow_leakage: Annotated[
        bool, typer.Option("--allow-leakage", help="Take it though its splits hold the same.")
    ] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Make a new version from another: curated otherwise, augmented, decisions overruled.

    Everything else is as it was there. A group keeps its split in all versions of a name.
    """
    if (version is None) == (from_reviews is None):
        raise typer.BadParameter("Name a version, as visits@2, or --from-reviews NOTE_TYPE.")
    if version is None and name is None:
        raise typer.BadParameter("Name the dataset that it becomes.", param_hint="--as")
    own = None if version is None else parse_version(version)[0]
    request = DeriveRequest.model_validate(
        {
            "from": version or _REVIEWS,
            "note_type": from_reviews,
            "curation": parse_curation(curation or []),
            "augment": parse_augmentations(augment or []),
            "overrule": parse_overrules(keep or [], drop or []),
            "allow_leakage": allow_leakage,
        }
    )
    becomes = parse_reference(name or own or "")[0]
    with connect(ctx) as client:
        made = client.derive_dataset(becomes, request)
        finish(client, made, wait=wait, as_json=as_json)
