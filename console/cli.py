"""The command `balas`: reads the arguments and starts one thing, importing it only then."""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from console import __version__
from console.domain.errors import BalasError, EnvironmentFaultError

# Exit statuses: 0 well, 1 failed and said why, 2 wrong arguments (argparse's own).
FAILED = 1
SEATS = ("colleague", "supervisor")  # of the demo, beside the agent

# What a missing library means: the extra of pyproject.toml that brings the command's parts.
_EXTRAS = {
    "desktop": "desktop",
    "demo": "local",
    "webhook": "service",
    "worker": "service",
    "serve": "service",
    "migrate": "service",
    "user": "service",
    "queue": "service",
    "contacts": "service",
    "doctor": "service",
    "case-file": "service",
    "erasures": "service",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status. Failures of ours end in a sentence, bugs in a traceback."""
    given = list(sys.argv[1:] if argv is None else argv)
    # The system gives a clicked link alone, where else a command stands.
    link = given.pop(0) if given[:1] and given[0].lower().startswith("balas:") else ""
    # A parser of all that can be asked takes longer than the first query of the window.
    options = parser().parse_args(given) if given else _window_alone()
    options.link = link
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except BalasError as error:
        print(f"balas: {error}", file=sys.stderr)
        if error.fix:
            print(error.fix, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        if not error.name or (error.name.startswith("console") and not _is_frozen()):
            raise
        if _is_frozen():
            print(
                f"balas: this build is only the window, without {options.command}", file=sys.stderr
            )
            return FAILED
        extra = _EXTRAS[options.command or "desktop"]
        print(
            f'balas: {error.name} is not installed; pip install "balas[{extra}]"', file=sys.stderr
        )
        return FAILED


def _is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _window_alone() -> argparse.Namespace:
    """What the parser finds where nothing is asked."""
    return argparse.Namespace(run=_desktop, command=None, self_check=False)


def parser() -> argparse.ArgumentParser:
    """Every command and option, as `interface.md` of the design names them."""
    top = argparse.ArgumentParser(prog="balas", description=__doc__)
    top.add_argument("--version", action="version", version=f"balas {__version__}")
    top.add_argument("--self-check", action="store_true", help="try every part of this build")
    top.set_defaults(run=_desktop, command=None)
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", title="without one, the window"
    )

    demo = commands.add_parser("demo", help="everything on this machine, a story running")
    demo.add_argument("--headless", action="store_true", help="no window; print one line of JSON")
    demo.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the data here (else thrown away)"
    )
    demo.add_argument("--no-story", dest="story", action="store_false", help="no customers write")
    demo.add_argument("--lang", choices=("id", "en"), help="the window's language")
    demo.add_argument(
        "--pictures", type=Path, metavar="DIR", help="save pictures of the window here"
    )
    demo.add_argument(
        "--agents",
        type=int,
        choices=(1, 2),
        default=1,
        help="2: windows of two agents and of their supervisor, until the first agent's is closed",
    )
    demo.add_argument("--seat", choices=SEATS, help=argparse.SUPPRESS)  # one of those windows
    demo.set_defaults(run=_demo)

    for name, runner, words in (
        ("webhook", _webhook, "take Twilio's requests"),
        ("worker", _worker, "send, copy files, follow deliveries"),
        ("serve", _serve, "webhook and worker together"),
    ):
        commands.add_parser(name, help=words).set_defaults(run=runner)

    migrate = commands.add_parser("migrate", help="bring the database up to date; safe to repeat")
    migrate.add_argument(
        "--address-column",
        metavar="TABLE.COLUMN",
        help="where an adopted database keeps the customer's number",
    )
    migrate.add_argument("--check", action="store_true", help="only say what would get in the way")
    migrate.add_argument("--snapshot", action="store_true", help="rewrite schema.sql (developers)")
    migrate.set_defaults(run=_migrate)

    user = commands.add_parser("user", help="people: add, list, disable, reset")
    verbs = user.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="make a person; prints a one-time code without a password")
    add.add_argument("email")
    add.add_argument("--role", choices=("agent", "supervisor", "admin"), required=True)
    add.add_argument("--name", help="as colleagues see it (else the part before the @)")
    add.add_argument("--inbox", action="append", default=[], metavar="NAME", help="may be repeated")
    add.add_argument("--password-stdin", action="store_true", help="read the password from input")
    verbs.add_parser("list", help="everybody, with role and inboxes")
    for verb, words in (("disable", "no longer lets in"), ("reset", "prints a one-time code")):
        verbs.add_parser(verb, help=words).add_argument("email")
    user.set_defaults(run=_user)

    queue = commands.add_parser("queue", help="whether replies leave; begin again after a stop")
    asked = queue.add_subparsers(dest="verb", metavar="VERB", required=True)
    asked.add_parser("status", help="running or stopped, why, and how many messages wait")
    asked.add_parser("resume", help="begin again: one message goes first")
    queue.set_defaults(run=_queue)

    contacts = commands.add_parser("contacts", help="contacts from a CSV file, and into one")
    ways = contacts.add_subparsers(dest="verb", metavar="VERB", required=True)
    taken = ways.add_parser("import", help="add and complete contacts; safe to repeat")
    taken.add_argument("file", type=Path)
    taken.add_argument(
        "--channel",
        choices=("whatsapp", "sms"),
        default="whatsapp",
        help="what a number in a column `phone` is (whatsapp)",
    )
    taken.add_argument(
        "--country", metavar="XX", type=str.upper, help="of numbers without a country code: ID, …"
    )
    taken.add_argument("--overwrite", action="store_true", help="the file knows better")
    taken.add_argument("--dry-run", action="store_true", help="only say what would happen")
    given = ways.add_parser("export", help="every contact, into a new file for your eyes only")
    given.add_argument("file", type=Path)
    given.add_argument("--inbox", metavar="NAME", help="only who has a conversation there")
    contacts.set_defaults(run=_contacts)

    case = commands.add_parser("case-file", help="one conversation as a folder with all hashes")
    case.add_argument("conversation", help="its id")
    case.add_argument("folder", type=Path, metavar="DIR", help="new or empty")
    case.set_defaults(run=_case_file)

    erasures = commands.add_parser("erasures", help="receipts kept beside the database's backups")
    kept = erasures.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, words in (
        ("export", "write them to a file: ids, no names"),
        ("replay", "after a restore: erase again whom the file names; safe to repeat"),
    ):
        kept.add_parser(verb, help=words).add_argument("file", type=Path)
    erasures.set_defaults(run=_erasures)

    doctor = commands.add_parser("doctor", help="check every part; say what is wrong and the fix")
    doctor.add_argument("--fix", action="store_true", help="put right what can be, by itself")
    doctor.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    doctor.add_argument(
        "--sender",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="with --fix: point this WhatsApp sender or number here; may be repeated",
    )
    doctor.set_defaults(run=_doctor)
    return top


def _desktop(options: argparse.Namespace) -> int:
    if options.self_check:
        from console import self_check

        return self_check.main()
    status: int = _program().main(link=options.link)
    return status


def _program() -> ModuleType:
    """The desktop, imported the quick way."""
    gc.disable()  # what modules make is no garbage; the application has a collector of its own
    from console.ui.imports import spare_sources

    spare_sources()
    from console import app

    return app


def _demo(options: argparse.Namespace) -> int:
    if options.headless:
        from console.local import stack

        return stack.demo_headless(data=options.data, story=options.story)
    if options.seat:
        shared = json.loads(sys.stdin.readline())
        seated: int = _program().main(demo=shared, seat=options.seat, language=options.lang)
        return seated
    with _headless_demo(options) as facts, _seats(options, facts):
        status: int = _program().main(demo=facts, language=options.lang, pictures=options.pictures)
        return status


@contextmanager
def _headless_demo(options: argparse.Namespace) -> Iterator[Mapping[str, object]]:
    """`demo --headless` in a process of its own, so that the window shares no loop with it.

    Yields what it printed when all was up; it ends with the window, however that ends.
    """
    from console.local.leash import Leash

    command = [sys.executable, "-m", "console", "demo", "--headless"]
    command += ["--data", str(options.data)] if options.data else []
    command += [] if options.story else ["--no-story"]
    leash = Leash()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603  ourselves
    leash.hold(child.pid)
    try:
        assert child.stdout is not None  # noqa: S101  a pipe, asked for above
        line = child.stdout.readline()
        if not line:
            raise EnvironmentFaultError("The demo did not start", "What it said stands above.")
        yield json.loads(line)
    finally:
        child.terminate()
        child.wait()
        leash.release(child.pid)
        leash.close()


@contextmanager
def _seats(options: argparse.Namespace, facts: Mapping[str, object]) -> Iterator[None]:
    """The other people's windows, each a program of its own as on their own machines.

    The facts hold passwords, so they go through a pipe. They end with the first agent's window.
    """
    from console.local.leash import Leash

    command = [sys.executable, "-m", "console", "demo"]
    command += ["--lang", options.lang] if options.lang else []
    leash = Leash()
    children: list[subprocess.Popen[str]] = []
    try:
        for seat in SEATS if options.agents > 1 else ():
            whole = [*command, "--seat", seat]
            child = subprocess.Popen(whole, stdin=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603  ourselves
            leash.hold(child.pid)
            children.append(child)
            assert child.stdin is not None  # noqa: S101  a pipe, asked for above
            with child.stdin as pipe:
                pipe.write(json.dumps(facts) + "\n")
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()
            leash.release(child.pid)
        leash.close()


def _webhook(_options: argparse.Namespace) -> int:
    from console.service import webhook

    return webhook.main()


def _worker(_options: argparse.Namespace) -> int:
    from console.service import worker

    return worker.main()


def _serve(_options: argparse.Namespace) -> int:
    from console.service import serve

    return serve.main()


def _migrate(options: argparse.Namespace) -> int:
    if options.snapshot:
        from console.local import snapshot

        return snapshot.main()
    from console.service import migrate

    return migrate.main(address_column=options.address_column, check=options.check)


def _user(options: argparse.Namespace) -> int:
    from console.service import people

    match options.verb:
        case "add":
            password = sys.stdin.readline().rstrip("\n") if options.password_stdin else None
            return people.add(
                options.email,
                options.role,
                name=options.name,
                inboxes=options.inbox,
                password=password,
            )
        case "list":
            return people.list_all()
        case "disable":
            return people.disable(options.email)
        case _:
            return people.reset(options.email)


def _queue(options: argparse.Namespace) -> int:
    from console.service import sending

    return sending.resume() if options.verb == "resume" else sending.show()


def _contacts(options: argparse.Namespace) -> int:
    from console.service import contacts

    if options.verb == "export":
        return contacts.export_file(options.file, inbox=options.inbox)
    return contacts.import_file(
        options.file,
        channel=options.channel,
        country=options.country,
        overwrite=options.overwrite,
        dry_run=options.dry_run,
    )


def _case_file(options: argparse.Namespace) -> int:
    from console.service import case_file

    return case_file.main(options.conversation, options.folder)


def _erasures(options: argparse.Namespace) -> int:
    from console.service import erasures

    act = erasures.export_file if options.verb == "export" else erasures.replay_file
    return act(options.file)


def _doctor(options: argparse.Namespace) -> int:
    from console.service.doctor import examination

    return examination.main(fix=options.fix, as_json=options.json, wanted=options.sender)
