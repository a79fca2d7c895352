"""Makes and signs what tells desktops of a new release: `python3 dev.py manifest`.

    python3 dev.py manifest key FILE            a new private key in FILE; prints the public one
    python3 dev.py manifest sign FILE --version 1.4.0 --minimum 1.2.0 --notes https://...
    python3 dev.py manifest check MANIFEST --key PUBLIC-KEY

`sign` prints the manifest; publish it at the address that the builds carry (`update_url`).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from console.settings.updates import (
    Manifest,
    ManifestError,
    new_key,
    public_key_of,
    read_manifest,
    signed,
)


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    top = argparse.ArgumentParser(
        prog="python3 dev.py manifest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("key").add_argument("file", type=Path)
    sign = verbs.add_parser("sign")
    sign.add_argument("file", type=Path, help="the private key")
    sign.add_argument("--version", required=True)
    sign.add_argument("--minimum", required=True, help="older ones should no longer be used")
    sign.add_argument("--notes", required=True, metavar="URL", help="what is new, where to get it")
    check = verbs.add_parser("check")
    check.add_argument("file", type=Path, help="the manifest")
    check.add_argument("--key", required=True, help="the public key, base64")
    return top


def main(arguments: list[str] | None = None) -> int:
    """As the arguments say; 0 well, 1 with a sentence."""
    options = parser().parse_args(arguments)
    try:
        if options.verb == "key":
            # Never over an older key: the builds out there believe that one only.
            handle = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            key = new_key()
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(key + "\n")
            print(public_key_of(key))
        elif options.verb == "sign":
            key = options.file.read_text(encoding="ascii").strip()
            manifest = Manifest(options.version, options.notes, options.minimum)
            print(signed(manifest, key).decode("ascii"), end="")
        else:
            found = read_manifest(options.file.read_bytes(), options.key)
            print(f"{found.version}, not below {found.minimum}, {found.notes_url}")
    except (OSError, ManifestError) as error:
        print(f"manifest: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
