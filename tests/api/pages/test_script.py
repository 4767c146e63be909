from __future__ import annotations

from pathlib import Path

import pytest

from api.pages.script import ScriptError, classic_script


def _written(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "main.js"


def test_imported_modules_come_first_and_once(tmp_path: Path) -> None:
    entry = _written(
        tmp_path,
        main='import { b } from "./b.js";\nimport {\n  a as first,\n} from "./a.js";\nexport const all = [first, b];\n',
        b='import { a } from "./a.js";\nexport function b() {\n  return a;\n}\n',
        a="export const a = 1;\nexport const [x, y] = [2, 3];\nexport class Z {}\nexport async function w() {}\nexport function* v() {}\n",
    )
    made = classic_script(entry, {})
    assert [line for line in made.splitlines() if line.startswith("// ")] == ["// a.js", "// b.js", "// main.js"]
    assert "return { a, x, y, Z, w, v };" in made
    assert "const { a: first } = __modules[0];" in made
    assert not [line for line in made.splitlines() if line.startswith(("import", "export"))]
    assert classic_script(entry, {}) == made


def test_data_comes_as_one_text_that_closes_nothing(tmp_path: Path) -> None:
    made = classic_script(_written(tmp_path, main=""), {"says": "it's “so”\\n\n"})
    assert r"""JSON.parse('{"says":"it\'s “so”\\\\n\\n"}')""" in made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('import all from "./a.js";', "import all"),
        ('import * as all from "./a.js";', "import *"),
        ('import { a } from "somewhere";', "somewhere"),
        ("export default 1;", "export default"),
        ("export let a = 1;", "export let"),
        ("export { a };", "export {"),
        ('export * from "./a.js";', "export *"),
        ('const a = await import("./a.js");', "import("),
        ("const here = import.meta.url;", "import.meta"),
    ],
)
def test_other_forms_are_refused_with_their_line(tmp_path: Path, line: str, said: str) -> None:
    entry = _written(tmp_path, main=f'import {{ a }} from "./a.js";\n\n{line}\n', a="export const a = 1;\n")
    with pytest.raises(ScriptError, match=r"main\.js, line 3") as caught:
        classic_script(entry, {})
    assert said in str(caught.value)


def test_a_method_named_like_a_keyword_is_none(tmp_path: Path) -> None:
    assert "export(kind)" in classic_script(_written(tmp_path, main="export const a = {\n  export(kind) {},\n};\n"), {})


def test_a_missing_module_and_a_circle_are_told(tmp_path: Path) -> None:
    entry = _written(tmp_path, main='import { a } from "./a.js";\n')
    with pytest.raises(ScriptError, match=r"no such file, which main\.js imports"):
        classic_script(entry, {})
    _written(
        tmp_path,
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b='import { a } from "./a.js";\nexport const b = a;\n',
    )
    with pytest.raises(ScriptError, match=r"b\.js, line 1: the modules import each other"):
        classic_script(entry, {})
