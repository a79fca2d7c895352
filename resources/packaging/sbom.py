"""What a release is made of, from requirements.lock: CycloneDX 1.6, one file for each part.

Written by `python3 dev.py package`; alone: `python3 resources/packaging/sbom.py DIR`. Standard
library only. The files change only when the lock or the version does.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
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


def write(folder: Path) -> list[Path]:
    """A file for each part; what was written."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for part in PARTS:
        file = folder / f"balas-{part}-{project['version']}.cdx.json"
        text = json.dumps(bill(project, project["version"], pins, part), indent=1)
        file.write_text(text + "\n", encoding="utf-8")
        written.append(file)
    return written


if __name__ == "__main__":
    for made in write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"):
        sys.stdout.write(f"{made}\n")
