"""Make one dataset version of its rows: curate, split, refuse leaks, augment, report, publish.

Rows are read and written in pages, each in a transaction of its own; what an attempt leaves
unfinished the next one undoes. Nobody sees any of it before it is published.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from shared import leases
from shared.access.tenants import open_vault
from shared.database import Database
from shared.datasets.augmentation.augment import augment, operator_versions
from shared.datasets.augmentation.check import PSEUDO_LABELS
from shared.datasets.collect import FIRST, begin_collecting, collect_page
from shared.datasets.counts import count_members
from shared.datasets.curation.run import curate, step_versions
from shared.datasets.decide import (
    add_augmented,
    begin_anew,
    drop_accepted_outside_training,
    drop_rows,
    keep_the_rest,
    known_groups,
    overrule,
    record_decisions,
    record_splits,
    settle_groups,
)
from shared.datasets.label import (
    PSEUDO_LABELS_VERSION,
    are_labels_final,
    find_labelling,
    read_labels,
    submit_unlabelled,
    wanted_labels,
)
from shared.datasets.ledger import await_labels, progress, publish
from shared.datasets.queries import name_of
from shared.datasets.read import lately_summarized, read_members, read_plan, read_rows
from shared.datasets.records import Candidate, Judged
from shared.datasets.report.measure import measure
from shared.datasets.report.page import render_page
from shared.datasets.splits.assign import Assignment, assign_splits
from shared.datasets.splits.leakage import (
    Alike,
    Leak,
    find_alike,
    find_leaks,
    give_way,
    refuse_leaks,
)
from shared.errors import Conflict
from shared.leases import Lease
from shared.schemas.datasets import Augmentation
from shared.tables import DatasetVersion
from shared.vault import Vault

_PAGE = 500
Read = TypeVar("Read")


class _Numbered(Protocol):
    @property
    def line(self) -> int: ...


Numbered = TypeVar("Numbered", bound=_Numbered)


class Superseded(Exception):
    """Another worker has the version, or it was deleted: nothing more is to be done here."""


class LabelsPending(Exception):
    """The version waits until its pseudo-labels are written."""


class Making:
    """`between` is called after each page; what it raises ends the making."""

    def __init__(
        self, database: Database, vault: Vault, claimed: Lease, between: Callable[[], None]
    ) -> None:
        self._database = database
        self._claimed = claimed
        self._between = between
        with database.transaction(claimed.tenant) as session:
            self._vault = open_vault(session, vault, claimed.tenant)
            self._plan = read_plan(session, claimed.id)
        self._recipe, self._total = self._plan.recipe, self._plan.last_line
        self._labelling = find_labelling(self._recipe.augment)
        self._operators = [one for one in self._recipe.augment if one is not self._labelling]

    def run(self) -> None:
        """Raises Conflict for a version that is not to be, LabelsPending, and Superseded."""
        self._expect_labels()
        self._collect()
        self._write(partial(begin_anew, version=self._claimed.id))
        self._curate()
        alike = find_alike(row.candidate for row in self._kept("compare"))
        assignment = self._split(alike)
        if not self._recipe.allow_leakage:
            self._close_leaks(find_leaks(alike, assignment.splits))
        if self._labelling and self._plan.label_batch is None:
            self._ask_for_labels(self._labelling, assignment)
        line = self._augment(assignment)
        if self._labelling and self._plan.label_batch:
            self._add_labels(self._labelling, self._plan.label_batch, assignment, line)
        self._publish(assignment)

    def _collect(self) -> None:
        """Once: a later attempt finds the rows at the same lines, as their labels name them."""
        note_type = self._recipe.reviews
        if note_type is None or self._plan.total:
            return
        version = self._claimed.id
        begin = partial(begin_collecting, version=version, parent=self._plan.parent)
        line, reached, after = self._write(begin), -1, FIRST
        page = partial(collect_page, vault=self._vault, version=version, note_type=note_type)
        # So it stands in the version's row until all of them are there.
        self._total = 0
        while line > reached:
            reached = line
            line, after = self._write(partial(page, line=line, after=after, limit=_PAGE))
            self._say("collect", line)
            self._between()
        if not line:
            raise Conflict(
                "No summary of this note type is accepted or edited any more.",
                code="no_reviews",
                how_to_fix="`epicrisis review next` offers summaries to review.",
            )
        self._total = line
        self._say("collect", line)

    def _curate(self) -> None:
        found = iter(curate(self._candidates("curate"), self._recipe.curation))
        while page := list(islice(found, _PAGE)):
            self._write(partial(record_decisions, version=self._claimed.id, decisions=page))
        self._write(partial(keep_the_rest, version=self._claimed.id))
        if overrules := self._recipe.overrule:
            self._write(partial(overrule, version=self._claimed.id, overrules=overrules))

    def _split(self, alike: Sequence[Alike]) -> Assignment:
        known = self._do(partial(known_groups, dataset=self._plan.dataset))
        members = self._pages("split", partial(read_members, version=self._claimed.id))
        together = [(pair.line, pair.other_line) for pair in alike]
        assignment = assign_splits(members, known, self._recipe.shares, together)
        splits = iter(assignment.splits.items())
        while page := dict(islice(splits, _PAGE)):
            self._write(partial(record_splits, version=self._claimed.id, splits=page))
        self._write(partial(drop_accepted_outside_training, version=self._claimed.id))
        return assignment

    def _close_leaks(self, leaks: Sequence[Leak]) -> None:
        """Drop what gives way; where a person keeps both sides, the version is not to be."""
        by_hand = {one.line for one in self._recipe.overrule if one.decision == "keep"}
        dropped, left = give_way(leaks, by_hand)
        refuse_leaks(left)
        if dropped:
            self._write(partial(drop_rows, version=self._claimed.id, decisions=dropped))

    def _expect_labels(self) -> None:
        """Nothing is done twice while a model writes the targets that are to be added."""
        if self._plan.label_batch is None:
            return
        if not self._do(partial(are_labels_final, batch=self._plan.label_batch)):
            raise LabelsPending
        self._say("pseudo_labels", self._total)

    def _ask_for_labels(self, asked: Augmentation, assignment: Assignment) -> None:
        wanted = wanted_labels(asked, _train_size(assignment))
        claimed = self._claimed
        with self._database.transaction(claimed.tenant) as session:
            batch = submit_unlabelled(session, self._vault, claimed.id, asked, wanted)
            if not await_labels(session, claimed, batch):
                raise Superseded
        raise LabelsPending

    def _augment(self, assignment: Assignment) -> int:
        """The last line."""
        if not self._operators:
            return self._total
        made = augment(
            (row.candidate for row in self._kept("augment") if row.split == "train"),
            self._operators,
            size=_train_size(assignment),
            seed=self._claimed.id.int & 0xFFFFFFFF,
        )
        line = self._total
        while page := list(islice(made, _PAGE)):
            add = partial(add_augmented, vault=self._vault, version=self._claimed.id)
            self._write(partial(add, augmented=page, first_line=line + 1))
            line += len(page)
        return line

    def _add_labels(
        self, asked: Augmentation, batch: UUID, assignment: Assignment, line: int
    ) -> None:
        """Those that pass, in the order in which they were asked for, up to the share."""
        left = wanted_labels(asked, _train_size(assignment))
        read = partial(read_labels, vault=self._vault, version=self._claimed.id, batch=batch)
        place = -1
        while left > 0:
            labels, reached = self._do(partial(read, after=place, limit=_PAGE))
            if reached == place:
                return
            place, labels = reached, labels[:left]
            if labels:
                add = partial(add_augmented, vault=self._vault, version=self._claimed.id)
                add = partial(add, kind="pseudo_labelled", first_line=line + 1)
                self._write(partial(add, augmented=labels))
            left, line = left - len(labels), line + len(labels)
            self._between()

    def _publish(self, assignment: Assignment) -> None:
        lately = self._do(partial(lately_summarized, vault=self._vault, version=self._claimed.id))
        report = measure(self._rows("report"), lately)
        claimed, seal = self._claimed, self._vault.seal
        with self._database.transaction(claimed.tenant) as session:
            counts = count_members(session, claimed.id)
            page = render_page(name_of(session, claimed.id) or "", report)
            settle_groups(session, claimed.tenant, self._plan.dataset, assignment.groups.items())
            recipe = self._recipe.model_copy(
                update={
                    "steps": {
                        **step_versions(self._recipe.curation),
                        **operator_versions(self._operators),
                        **({PSEUDO_LABELS: PSEUDO_LABELS_VERSION} if self._labelling else {}),
                    }
                }
            )
            if not publish(
                session,
                claimed,
                counts=counts.model_dump(mode="json"),
                recipe=recipe.model_dump(mode="json"),
                report_sealed=seal(report.model_dump_json(), row=claimed.id, field="report"),
                page_sealed=seal(page, row=claimed.id, field="page"),
            ):
                raise Superseded

    def _candidates(self, step: str) -> Iterator[Candidate]:
        """Every row that could be read."""
        return (row.candidate for row in self._rows(step))

    def _kept(self, step: str) -> Iterator[Judged]:
        return (row for row in self._rows(step) if row.decision.decision == "keep")

    def _rows(self, step: str) -> Iterator[Judged]:
        return self._pages(step, partial(read_rows, vault=self._vault, version=self._claimed.id))

    def _pages(self, step: str, read: Callable[..., list[Numbered]]) -> Iterator[Numbered]:
        """Pages by line, with progress after each."""
        after, done = 0, 0
        while page := self._do(partial(read, after=after, limit=_PAGE)):
            yield from page
            after, done = page[-1].line, done + len(page)
            self._say(step, done)
            self._between()

    def _say(self, step: str, done: int) -> None:
        with self._database.transaction(self._claimed.tenant) as session:
            if not progress(session, self._claimed, step, done, self._total):
                raise Superseded

    def _write(self, operation: Callable[[Session], Read]) -> Read:
        """As long as the version is ours: a worker that was taken for dead writes nothing."""
        with self._database.transaction(self._claimed.tenant) as session:
            if not leases.hold(session, DatasetVersion, self._claimed):
                raise Superseded
            return operation(session)

    def _do(self, operation: Callable[[Session], Read]) -> Read:
        with self._database.transaction(self._claimed.tenant) as session:
            return operation(session)


def _train_size(assignment: Assignment) -> int:
    return sum(split == "train" for split in assignment.splits.values())
