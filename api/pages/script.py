"""Makes one classic script of ES modules and their data: browsers load no modules from `file://`, and a site's policy forbids inline ones.

Only the plain forms of import and export are understood, as our modules are written; any other is refused, so that what comes out means
what the modules mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NAME = r"[\w$]+"
_IMPORT = re.compile(r'^import \{([^{}"]*)\} from "(\.{1,2}/[^"]+\.js)";$', re.M)
_EXPORT = re.compile(
    rf"^export (?=(?:async )?function\*? ?({_NAME})|class ({_NAME})|const ({_NAME}|\[[\w$, ]+\]) =)", re.M
)
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\s*\(|\bimport\.meta\b", re.M)


class ScriptError(Exception):
    """The modules cannot be joined; names the file and the line."""


def classic_script(entry: Path, bundle: Mapping[str, Any]) -> str:
    """Join a module and all that it imports.

    The script sets `globalThis.Provender`: `bundle` before any module runs, and what the entry exports when all have run. Each module has a
    scope of its own; those that are imported run first, each once.

    Args:
        entry: file of the module.
        bundle: plain data.

    Raises:
        ScriptError: for a form that is not understood, a missing file, or modules that import each other.
    """
    modules: dict[Path, str] = {}
    _add(entry.resolve(), modules, ())
    bodies = [
        f"// {file.name}\n__modules[{at}] = (() => {{\n{body}\n}})();"
        for at, (file, body) in enumerate(modules.items())
    ]
    return "\n".join(
        [
            "(() => {",
            '"use strict";',
            f"globalThis.Provender = {{ bundle: JSON.parse({_quoted(bundle)}) }};",
            "const __modules = [];",
            *bodies,
            f"Object.assign(globalThis.Provender, __modules[{len(bodies) - 1}]);",
            "})();",
            "",
        ]
    )


def _add(file: Path, modules: dict[Path, str], above: tuple[Path, ...]) -> None:
    """Add a module after those that it imports."""
    if file in modules:
        return
    try:
        source = file.read_text(encoding="utf-8")
    except OSError:
        by = f", which {above[-1].name} imports" if above else ""
        raise ScriptError(f"{file}: there is no such file{by}") from None
    exported: list[str] = []

    def imported(found: re.Match[str]) -> str:
        other = (file.parent / found[2]).resolve()
        if other in (*above, file):
            raise ScriptError(f"{_place(file, source, found.start())}: the modules import each other in a circle")
        _add(other, modules, (*above, file))
        names = ", ".join(name.strip().replace(" as ", ": ") for name in found[1].split(",") if name.strip())
        return f"const {{ {names} }} = __modules[{list(modules).index(other)}];" + "\n" * found[0].count("\n")

    def noted(found: re.Match[str]) -> str:
        exported.extend(re.findall(_NAME, next(name for name in found.groups() if name)))
        return ""

    body = _EXPORT.sub(noted, _IMPORT.sub(imported, source))
    if other := _OTHER.search(body):
        raise ScriptError(
            f"{_place(file, body, other.start())}: a form of import or export that is not understood: {other[0].strip()}"
        )
    modules[file] = f"{body.rstrip()}\nreturn {{ {', '.join(exported)} }};"


def _place(file: Path, source: str, at: int) -> str:
    return f"{file}, line {source.count(chr(10), 0, at) + 1}"


def _quoted(data: Mapping[str, Any]) -> str:
    """Data as a text in JavaScript, to be read by `JSON.parse`, which is several times quicker than reading it as code."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
