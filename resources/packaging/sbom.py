"""What a release is made of: CycloneDX 1.6, one file for each part, native libraries included.

Packages come from requirements.lock; what lies inside them, and what a build took from the system
(natives.py), from the build of the desktop and from the installed wheels of the service. Written by
`python3 dev.py package`; alone: `resources/packaging/sbom.py DIR`, with .venv's Python. Standard
library only.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import natives

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "dist" / "balas"
CONTENTS = ROOT / "out" / "build" / "build" / "COLLECT-00.toc"  # what PyInstaller took from where
PARTS = ("desktop", "service")  # the extras that people are handed
PIN = re.compile(
    r"^(?P<name>[\w.\-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]+?))? \\\n"
    r"(?P<hashes>(?:    --hash.*\n)+)(?P<via>(?:    #.*\n)+)",
    flags=re.M,
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked distribution: who asks for it, where it is wanted, what its files hash to."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    parents: frozenset[str] = field(default_factory=frozenset)

    @property
    def purl(self) -> str:
        """Its package URL, by which scanners know it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(text: str) -> dict[str, Pin]:
    """Every pin of the lock by its canonical name."""
    found = {}
    for match in PIN.finditer(text):
        name = canonical(match["name"])
        found[name] = Pin(
            name,
            match["version"],
            (match["marker"] or "").strip(),
            tuple(sorted(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"]))),
            frozenset(
                canonical(parent) for parent in re.findall(r"#\s+(?:via )?([\w.\-]+)", match["via"])
            ),
        )
    return found


def canonical(name: str) -> str:
    """A distribution's name as the registry knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(project: Mapping[str, Any], part: str) -> Iterator[str]:
    """What pyproject.toml itself asks for, for one extra and the bare package."""
    for entry in [*project["dependencies"], *project["optional-dependencies"][part]]:
        match = re.match(r"[\w.\-]+", entry)
        assert match is not None  # noqa: S101  every requirement begins with a name
        yield canonical(match[0])


def bill(project: Mapping[str, Any], version: str, pins: Mapping[str, Pin], part: str) -> Any:
    """The bill of materials of one part, as CycloneDX has it."""
    direct = set(asked(project, part)) & set(pins)
    whole = set(direct)
    while more := {pin.name for pin in pins.values() if pin.parents & whole} - whole:
        whole |= more
    own = f"pkg:pypi/{project['name']}@{version}"
    asks = {
        name: sorted(pins[one].purl for one in whole if name in pins[one].parents) for name in whole
    }
    components = [_component(pins[name]) for name in sorted(whole)]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, part, components]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": f"{project['name']} ({part})",
                "version": version,
                "purl": own,
            }
        },
        "components": components,
        "dependencies": [
            {"ref": own, "dependsOn": sorted(pins[name].purl for name in direct)},
            *({"ref": pins[name].purl, "dependsOn": asks[name]} for name in sorted(whole)),
        ],
    }


def _component(pin: Pin) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
    }
    if pin.marker:
        component["properties"] = [{"name": "balas:only-where", "value": pin.marker}]
    # The lock lists the hashes of every file of a release: any of them is what was installed.
    component["externalReferences"] = [
        {
            "type": "distribution",
            "url": pin.purl,
            "hashes": [{"alg": "SHA-256", "content": one} for one in pin.hashes],
        }
    ]
    return component


def installed(pin: Pin) -> Distribution | None:
    """The wheel of a pin as it is installed here; None where it is not, in this version."""
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        return None
    return found if found.version == pin.version else None


def add_natives(made: Any, pins: Mapping[str, Pin], build: Path | None) -> None:
    """Put the native libraries into a bill: those of each wheel inside it, the system's beside.

    With a `build`, what lies in it counts; without one, everything that the wheels bring.
    """
    inside = None
    if build is not None:
        internal = build / "_internal"
        inside = frozenset(
            path.relative_to(internal).as_posix() for path in internal.rglob("*") if path.is_file()
        )
    ours: set[str] = set()
    unseen = []
    for component in made["components"]:
        wheel = installed(pins[canonical(component["name"])])
        if wheel is None:
            unseen.append(component["name"])
            continue
        ours |= {file.as_posix() for file in wheel.files or ()}
        if found := natives.of_distribution(wheel, inside):
            component["components"] = [one.component(component["purl"]) for one in found]
    own = made["dependencies"][0]
    if build is not None:
        for one in natives.of_build(build, CONTENTS, frozenset(ours)):
            component = one.component(own["ref"])
            made["components"].append(component)
            own["dependsOn"].append(component["bom-ref"])
    made["metadata"]["properties"] = [
        {"name": "balas:not-installed-where-this-was-written", "value": name} for name in unseen
    ]
    whole = json.dumps([own["ref"], made["components"]])
    made["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, whole)}"


def write(folder: Path) -> list[Path]:
    """A file for each part; what was written. The desktop's is of the build that lies in dist."""
    if not CONTENTS.is_file() or not BUILD.is_dir():
        raise SystemExit("the desktop's list is of a build; first: python3 dev.py build")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for part in PARTS:
        file = folder / f"balas-{part}-{project['version']}.cdx.json"
        made = bill(project, project["version"], pins, part)
        add_natives(made, pins, BUILD if part == "desktop" else None)
        text = json.dumps(made, indent=1)
        file.write_text(text + "\n", encoding="utf-8")
        written.append(file)
    return written


if __name__ == "__main__":
    for one in write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"):
        sys.stdout.write(f"{one}\n")
