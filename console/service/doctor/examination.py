"""The whole examination: every theme in turn, repairs where asked, and the report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TextIO

import psycopg

from console.domain.errors import BalasError
from console.service.config import Needs, read
from console.service.doctor import (
    access,
    account,
    bell,
    database,
    place,
    project,
    queue,
    senders,
    settings,
)
from console.service.doctor.finding import Finding, Findings, RepairFailedError, State


@dataclass(frozen=True, slots=True)
class Report:
    """What was found last, and what was repaired before that, as sentences."""

    findings: list[Finding]
    repaired: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not any(one.state is State.WRONG for one in self.findings)


def examine(
    environ: Mapping[str, str], *, fix: bool = False, wanted: Collection[str] = ()
) -> Report:
    """Look at everything; with `fix`, carry out what can be and look again.

    `wanted`: addresses at Twilio that are to be used although they have no inbox yet.
    """
    if not fix:
        return Report(_Examination(environ, wanted).findings())
    repaired: list[str] = []
    failed: dict[tuple[str, str], str] = {}

    def repair(finding: Finding) -> None:
        if finding.repair is None:
            return
        try:
            finding.repair()
        except RepairFailedError as error:
            failed[finding.theme, finding.what] = f"{error.title} {error.text}"
        else:
            repaired.append(f"{finding.what}: {finding.words}")

    findings = _Examination(environ, wanted, repair).findings()
    if repaired:
        findings = _Examination(environ, wanted).findings()
    return Report([_with_failure(one, failed) for one in findings], repaired)


def _with_failure(finding: Finding, failed: Mapping[tuple[str, str], str]) -> Finding:
    said = failed.get((finding.theme, finding.what))
    if said is None or finding.state is State.WELL:
        return finding
    return replace(finding, words=f"{finding.words} It could not be fixed: {said}")


class _Examination:
    """One look at everything. `repair` is called while what it needs is still open."""

    def __init__(
        self,
        environ: Mapping[str, str],
        wanted: Collection[str],
        repair: Callable[[Finding], None] = lambda _finding: None,
    ) -> None:
        self._environ = environ
        self._wanted = wanted
        self._repair = repair
        self._config, _ = read(environ, Needs(0))
        self._all: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Theme by theme."""
        self._take("settings", lambda: settings.look(self._environ))
        if self._config.database_url:
            with database.opened(self._config) as (connection, findings):
                self._all += findings
                if connection is not None:
                    self._look_inside(connection)
                self._look_around(connection)
        else:
            self._look_around(None)
        return self._all

    def _take(self, theme: str, look: Callable[[], list[Finding]]) -> list[Finding]:
        findings = _guarded(look, theme)
        for finding in findings:
            self._repair(finding)
        self._all += findings
        return findings

    def _look_inside(self, connection: database.Connection) -> None:
        self._take(database.THEME, lambda: database.look(connection, self._config))
        if database.exists(connection, "private.service_health()"):
            self._take("access", lambda: access.look(connection))
            self._take("doorbell", lambda: bell.look(connection))
            self._take("work", lambda: queue.look(connection))

    def _look_around(self, connection: database.Connection | None) -> None:
        config = self._config
        if config.supabase_url and config.secret_key:
            self._take("project", lambda: project.look(config))
        if config.twilio_account_sid and config.twilio_auth_token:
            findings = self._take("twilio", lambda: account.look(config))
            token = [one.state for one in findings if one.what == "auth token"]
            if config.public_url and token == [State.WELL]:
                migrated = connection is not None and database.exists(connection, "public.inboxes")
                known = connection if migrated else None
                self._take("senders", lambda: senders.look(config, known, self._wanted))
        self._take("spool", lambda: place.look_at_spool(config))
        self._take("public address", lambda: place.look_from_outside(config))


def _guarded(look: Callable[[], list[Finding]], theme: str) -> list[Finding]:
    """A theme that breaks off is a finding, and the others are looked at all the same."""
    try:
        return look()
    except (psycopg.Error, BalasError) as error:
        found = Findings(theme)
        words = f"could not be looked at: {' '.join(str(error).split())}"
        fix = "Correct what else is wrong, then ask again."
        found.wrong(theme, words, fix)
        return found.all


_MARKS = {State.WELL: "ok   ", State.NOTE: "note ", State.WRONG: "WRONG"}


def write(report: Report, out: TextIO) -> None:
    """The report for a person: themes, a line each, and below what is not well, the fix."""
    theme = ""
    for sentence in report.repaired:
        out.write(f"fixed  {sentence}\n")
    for finding in report.findings:
        if finding.theme != theme:
            theme = finding.theme
            out.write(f"\n{theme}\n")
        out.write(f"  {_MARKS[finding.state]}  {finding.what}: {finding.words}\n")
        if finding.fix:
            out.write(f"         → {finding.fix}\n")
    wrong = sum(one.state is State.WRONG for one in report.findings)
    fixable = sum(one.state is State.WRONG and one.repair is not None for one in report.findings)
    out.write(f"\n{'All is well.' if not wrong else f'{wrong} wrong.'}")
    if fixable and not report.repaired:
        out.write(f" balas doctor --fix can put {fixable} right.")
    out.write("\n")


def main(*, fix: bool = False, as_json: bool = False, wanted: Collection[str] = ()) -> int:
    """The command. Exit status 0 only when all is well."""
    report = examine(os.environ, fix=fix, wanted=wanted)
    if as_json:
        content = {
            "well": report.well,
            "repaired": report.repaired,
            "findings": [one.as_json() for one in report.findings],
        }
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    else:
        write(report, sys.stdout)
    return 0 if report.well else 1
