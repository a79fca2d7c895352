"""Runs the rules of an inbox on a message that a customer wrote: an automatic reply, and routing.

Everything is decided by one function of the database in one transaction: so a job that runs twice
answers once, and two workers give no conversation to two people. Ingest makes this job only where
an inbox has rules.
"""

from __future__ import annotations

import logging

from console import logs
from console.service.jobs.job import DATABASE_SECONDS, Job, Run, Tools, backoff

log = logging.getLogger("balas.rules")

# After so many failures it is too late for an answer; people who wait are routed by the rounds.
TRIES = 10

_RUN = "select private.run_rules(%s)"


async def run_rules(tools: Tools, run: Run) -> None:
    """Answer and route the conversation of `run.message_id`, as its inbox says."""
    done = await tools.database.value(_RUN, (run.message_id,), within=DATABASE_SECONDS)
    if done:
        log.info("rules applied", extra=logs.fields(message_id=run.message_id, **done))


def _retry_after(attempts: int) -> float | None:
    return backoff(attempts, first=0.5) if attempts < TRIES else None


JOB = Job(name="run_rules", queue="rules", body=run_rules, retry_after=_retry_after)
