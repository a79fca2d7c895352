"""The worker's jobs, one file each; this list is all that the queue runs."""

from __future__ import annotations

from console.service.jobs import (
    copy_media,
    erase_contact,
    run_rules,
    send_message,
    settle_uncertain,
)
from console.service.jobs.job import Job

JOBS: tuple[Job, ...] = (
    send_message.JOB,
    settle_uncertain.JOB,
    copy_media.JOB,
    run_rules.JOB,
    erase_contact.JOB,
)
