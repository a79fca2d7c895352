"""Every command of the documents: where it stands, whether a test can run it, and how if it can."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "docs/administrator.md",
    "resources/packaging/DEPLOY.md",
    "resources/packaging/PACKAGES.md",
    "SECURITY.md",
    "docs/developer.md",
    "docs/guide.md",
    "docs/panduan.md",
    "tests/contract/README.md",
    "tests/trials/README.md",
    "tests/trials/register.md",
)
# What begins a command where a sentence names one.
PROGRAMS = (
    "balas", "python3", "python", "py", "pip", "pg_dump", "psql", "supabase", "npx", "sh", "sudo",
    "systemctl", "apt", "apt-get", "podman", "docker", "curl", "iscc", "xcrun", "journalctl",
    "signtool",
)  # fmt: skip

# What no test can run, by how it begins. The reason is all that can be said for it.
NOT_HERE = {
    r"apt(-get)? ": "changes the system that runs the tests",
    r"useradd ": "changes the system that runs the tests",
    r"systemctl |journalctl ": "needs a running systemd; the units are checked by "
    "tests/rules/test_packaging.py::test_systemd_takes_the_units",
    r"certbot ": "needs a name on the internet and Let's Encrypt",
    r"podman ": "needs a container engine; python3 dev.py package --container carries out "
    "the file's steps without one",
    r"export BALAS_SIGN_IDENTITY|xcrun |BALAS_NOTARY_PROFILE": "needs a Mac and Apple's service",
    r"py dev\.py|iscc |signtool ": "needs Windows",
    r"balas-[\d.]+-setup\.exe": "needs Windows",
    r"python3 -m venv audit|audit/bin/pip-audit": "needs the advisories, which are on the internet",
}
# What something else runs: a test, which must be there; `.ci/run`, which must name it; or a command
# that takes minutes and is run by a person before a release.
BY_HAND = "takes minutes; run before a release"
ELSEWHERE = {
    r"python3 -m venv /opt/balas|/opt/balas/bin/pip|pip install": BY_HAND,  # package --service
    r"balas --self-check": "tests/rules/test_self_check.py"
    "::test_every_part_works_from_the_checkout",
    r"balas serve": "tests/service/test_processes.py::test_a_customer_writes_and_reads_the_answer",
    r"balas (webhook|worker)$": "tests/service/test_supervisor.py"
    "::test_it_is_ready_lives_and_stops",
    r"balas migrate --snapshot": "tests/database/test_snapshot.py"
    "::test_the_snapshot_equals_the_migrations",
    r"supabase --workdir": "tests/contract/test_cli.py"
    "::test_after_the_cli_only_the_queue_is_left_for_balas_migrate",
    r"python3? dev\.py (test|lint|build)$": ".ci/run",
    r"python3 dev\.py map": "tests/rules/test_tree.py::test_the_map_in_the_readme_is_true",
    r"python3? dev\.py (demo|gallery|bench|package|lock)\b": BY_HAND,
    r"python3? dev\.py trials( --only.*| --soak)?$": BY_HAND,
    r"BALAS_CONTRACT=\w+ python3 dev\.py test": BY_HAND,
    r"(sudo )?sh install\.sh": BY_HAND,  # package
    r"sh resources/packaging/restore\.sh": "tests/story/test_documented.py"
    "::test_a_dump_goes_into_a_new_project_as_documented",
    r"python -m console": "tests/service/test_processes.py"
    "::test_a_customer_writes_and_reads_the_answer",
    r"python -m tests\.(ui\.translations|gallery\.guide)": "writes into the tree; " + BY_HAND,
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command as a page has it, without its comment."""

    page: str
    words: str

    @property
    def not_here(self) -> str | None:
        """Why no test can run it; None if one can."""
        return _first(NOT_HERE, self.words)

    @property
    def elsewhere(self) -> str | None:
        """What else runs it; None if nothing does."""
        return _first(ELSEWHERE, self.words)


def _first(table: dict[str, str], words: str) -> str | None:
    return next((said for begins, said in table.items() if re.match(begins, words)), None)


@cache
def commands() -> tuple[Command, ...]:
    """All of them in the pages' order: blocks first, then what sentences name beyond those."""
    found: dict[str, Command] = {}
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, flags=re.M | re.S)
        for block in blocks:
            for line in block.replace("\\\n", " ").splitlines():
                words = " ".join(re.sub(r"(^|\s)#.*", "", line).split())
                if words:
                    found.setdefault(words, Command(page, words))
        outside = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
        begins = "|".join(map(re.escape, PROGRAMS))
        for words in re.findall(rf"`((?:[A-Z_]+=\S+ )*(?:{begins}) [^`]+)`", outside):
            if not any(one.startswith(words) for one in found):
                found[words] = Command(page, words)
    return tuple(found.values())
