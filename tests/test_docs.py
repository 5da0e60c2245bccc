"""The documents a newcomer reads say what is there: every decision, word, file and name in them is looked up."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
DECISION: Final = re.compile(r"\| (\d+) \| \[(.+)\]\((.+)\) \| (.+) \| (.+) \|")
STATUS: Final = re.compile(r"holds|revised|replaced by \d+")
LINK: Final = re.compile(r"\]\((?!https?://)([^)#][^)]*)\)")
QUOTED: Final = re.compile(r"`([^`\n]+)`")
PATH: Final = re.compile(r"(?:rules|core|api|worker|cli|migrations|tests|bench|docs)/[\w./*-]*")
DOTTED: Final = re.compile(r"(?:rules|core|api|worker|cli|bench)(?:\.\w+)+")


def documents() -> list[Path]:
    """Everything written for people who work on the product, or with it."""
    return [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def is_found(quoted: str) -> bool:
    """Whether what looks like a path or a dotted name is one; everything else is."""
    if PATH.fullmatch(quoted):
        return any(ROOT.glob(quoted.rstrip("/")))
    if not DOTTED.fullmatch(quoted):
        return True
    path, _, name = quoted.replace(".", "/").rpartition("/")
    if (ROOT / path / name).is_dir() or (ROOT / path / name).with_suffix(".py").is_file():
        return True
    module = (ROOT / path).with_suffix(".py")
    return module.is_file() and re.search(rf"\b{name}\b", module.read_text("utf-8")) is not None


def test_every_decision_stands_in_the_index_under_its_number_and_title() -> None:
    folder = DOCS / "decisions"
    index = {
        path: (int(number), title, status)
        for number, title, path, _, status in DECISION.findall((folder / "README.md").read_text("utf-8"))
    }
    written = {path.name: path.read_text("utf-8") for path in folder.glob("[0-9]*.md")}
    assert sorted(index) == sorted(written)
    for name, text in written.items():
        number, title, status = index[name]
        assert text.startswith(f"# {number}. {title}\n\n**Decided "), name
        assert name.startswith(f"{number:04}-"), name
        assert STATUS.fullmatch(status), name
        assert (status == "revised") == ("revised" in text.split("\n\n")[1]), name


def test_every_file_and_name_that_a_document_speaks_of_is_there() -> None:
    missing = []
    for path in documents():
        text = path.read_text("utf-8")
        for link in LINK.findall(text):
            if not (path.parent / link.partition("#")[0]).exists():
                missing.append(f"{path.relative_to(ROOT)}: {link}")
        missing += [f"{path.relative_to(ROOT)}: {quoted}" for quoted in QUOTED.findall(text) if not is_found(quoted)]
    assert not missing, "\n".join(missing)
