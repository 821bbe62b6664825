"""Puts the pages of the documentation site together in a folder, for mkdocs to build.

    python scripts/site_pages.py [FOLDER]           build/site-source by default
    python scripts/site_pages.py --run-notebooks    with what the notebooks show (needs extra dev)

The pages of docs/ are taken as they are, so that they can be read in the repository too. A link
that leaves docs/ leads to a copy of the file. Added are the notebooks, the
reference of the command line and of the Python names, and a list of the decisions on the design.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s#]+)((?:#[^)\s]*)?)\)")
FENCE = re.compile(r"^(```.*?^```[ \t]*$)", re.MULTILINE | re.DOTALL)
COPIES = "files"
"""Folder of the site with what stands outside docs/ and is linked from it."""


def assemble(folder: Path, *, run_notebooks: bool = False) -> None:
    """Write all sources of the site to a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder)
    for path in sorted(folder.rglob("*.md")):
        of_docs = DOCS / path.relative_to(folder)
        path.write_text(relinked(of_docs.read_text("utf-8"), of_docs, folder), "utf-8")
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        write_notebook(notebook, folder, run=run_notebooks)
    pages = {"decisions/index.md": decisions(), "reference/cli.md": command_line()}
    of_python = dict(python_names())
    pages["reference/python.md"] = list_of_packages(of_python)
    pages |= {f"reference/{name}.md": text for name, text in of_python.items()}
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def relinked(text: str, page: Path, folder: Path) -> str:
    """A page in which links lead somewhere in the site; code stays as it is."""
    parts = FENCE.split(text)
    for i in range(0, len(parts), 2):
        parts[i] = LINK.sub(lambda m: _relink(m, page, folder), parts[i])
    return "".join(parts)


def _relink(match: re.Match[str], page: Path, folder: Path) -> str:
    said, target, anchor = match.groups()
    if "://" in target or target.startswith("mailto:"):
        return match[0]
    if target.startswith(f"{page.stem}_files/"):
        return match[0]  # an output of a notebook, written beside its page
    meant = (page.parent / target).resolve()
    if not meant.exists():
        return match[0]  # mkdocs says with every other that it leads nowhere
    place, here = place_of(meant, folder), place_of(page, folder)
    return f"{said}({os.path.relpath(place, here.parent)}{anchor})"


def place_of(meant: Path, folder: Path) -> PurePosixPath:
    """Where in the site something of the repository stands; copied there if it is not in docs/."""
    if meant.is_relative_to(DOCS):
        place = PurePosixPath(meant.relative_to(DOCS).as_posix())
        return place / "index.md" if meant.is_dir() else place
    inside = PurePosixPath(meant.relative_to(ROOT).as_posix())
    if meant.suffix == ".ipynb":
        return inside.with_suffix(".md")
    copy = folder / COPIES / inside
    copy.parent.mkdir(parents=True, exist_ok=True)
    if meant.is_dir():
        for path in sorted(p for p in meant.iterdir() if p.is_file()):
            copy.mkdir(exist_ok=True)
            shutil.copyfile(path, copy / _name_of_copy(path))
        (copy / "index.md").write_text(_contents(meant), "utf-8")
        return PurePosixPath(COPIES) / inside / "index.md"
    shutil.copyfile(meant, copy)
    return PurePosixPath(COPIES) / inside


def _name_of_copy(path: Path) -> str:
    """A text in Markdown is shown as it is written: it is an example, and no page of the site."""
    return f"{path.name}.txt" if path.suffix == ".md" else path.name


def _contents(folder: Path) -> str:
    """A page with what a folder holds."""
    found = sorted(path for path in folder.iterdir() if path.is_file())
    listed = [f"- [{path.name}]({_name_of_copy(path)})" for path in found]
    return "\n".join([f"# {folder.relative_to(ROOT)}", "", *listed, ""])


def write_notebook(notebook: Path, folder: Path, *, run: bool = False) -> None:
    """A notebook as a page, with the outputs that it has, or those of a run."""
    import nbformat
    from nbconvert import MarkdownExporter

    cells = nbformat.read(notebook, as_version=4)
    if run:
        from nbclient import NotebookClient

        NotebookClient(cells, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    cells.metadata["language_info"] = {"name": "python"}
    resources = {"output_files_dir": f"{notebook.stem}_files"}
    text, resources = MarkdownExporter().from_notebook_node(cells, resources)
    page = folder / "notebooks" / f"{notebook.stem}.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    for name, data in resources["outputs"].items():
        picture = page.parent / name
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(data)
    page.write_text(relinked(_with_alternatives(text), notebook, folder), "utf-8")


def _with_alternatives(text: str) -> str:
    """Pictures of a notebook say what they are: the words around them tell what is seen."""
    return re.sub(r"!\[(?:png|svg)\]\(", "![output of the code above](", text)


def decisions() -> str:
    """A list of the decisions on the design, by what their first line says."""
    lines = [
        "# Decisions on the design",
        "",
        "A page for each choice that was hard to make, with the measurement that decided.",
        "",
    ]
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title = path.read_text("utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join(lines) + "\n"


def command_line() -> str:
    """The reference of the command line, from what the commands themselves declare."""
    from risicoscreener.cli.running import _parser

    parser = _parser()
    lines = ["# Command line", "", parser.description or "", "", _exit_codes(), ""]
    for words, command in commands(parser, ("risicoscreener",)):
        lines += described(words, command)
    return "\n".join(lines) + "\n"


def commands(
    parser: argparse.ArgumentParser, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Each command and each command of a command, in the order in which they are declared."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield (*words, name), command
                yield from commands(command, (*words, name))


def described(words: tuple[str, ...], command: argparse.ArgumentParser) -> list[str]:
    """A command as lines of Markdown: what it does, and a row for each argument."""
    lines = [f"{'#' * len(words)} {' '.join(words[1:])}", "", command.description or "", ""]
    rows = [
        f"| {_as_typed(action)} | {_in_cell(_help_of(action))} |"
        for action in command._actions
        if not isinstance(action, (argparse._HelpAction, argparse._SubParsersAction))
    ]
    if rows:
        lines += ["| argument | meaning |", "|---|---|", *rows, ""]
    return lines


def _as_typed(action: argparse.Action) -> str:
    choices = "` or `".join(map(str, action.choices)) if action.choices else None
    value = choices or str(action.metavar or action.dest.upper())
    if isinstance(action.metavar, tuple):
        value = " ".join(action.metavar)
    if action.nargs in ("*", "+"):
        value += " …"
    if not action.option_strings:
        return f"`{value}`" if action.nargs not in ("?", "*") else f"[`{value}`]"
    takes_value = action.nargs != 0
    names = ", ".join(f"`{name}`" for name in action.option_strings)
    needed = " (needed)" if action.required else ""
    return f"{names} `{value}`{needed}" if takes_value else names


def _help_of(action: argparse.Action) -> str:
    said = action.help or ""
    return said % {**vars(action), "prog": "risicoscreener"} if "%" in said else said


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _exit_codes() -> str:
    import risicoscreener.cli as command_line

    said = (command_line.__doc__ or "").split("\n\n", 1)[1]
    return said.replace("``", "`").replace("\n", " ").strip()


def python_names() -> Iterator[tuple[str, str]]:
    """For each package with public names a page on which mkdocstrings writes them."""
    from public_api import names_of, packages

    for package in packages(ROOT / "src"):
        names = names_of(package)
        if not names:
            continue
        said = importlib.import_module(package).__doc__ or ""
        listed = "\n".join(f"        - {name}" for name in names)
        yield (
            package,
            f"# {package}\n\n{said.split('>>>')[0].strip()}\n\n"
            f"::: {package}\n    options:\n      show_root_heading: false\n"
            f"      show_root_toc_entry: false\n      show_docstring_description: false\n"
            f"      show_docstring_examples: false\n      members:\n{listed}\n",
        )


def list_of_packages(pages: dict[str, str]) -> str:
    """A page with each package that has public names, and its first sentence."""
    lines = ["# Python", "", "What is public, by package. The rest may change without a word.", ""]
    lines += ["| package | what it is |", "|---|---|"]
    for package, text in pages.items():
        said = text.split("\n\n")[1].replace("\n", " ")
        lines.append(f"| [`{package}`]({package}.md) | {_in_cell(said)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site-source")
    parser.add_argument("--run-notebooks", action="store_true", help="show what they show")
    arguments = parser.parse_args()
    folder = arguments.folder
    assemble(folder, run_notebooks=arguments.run_notebooks)
    print(f"{sum(1 for _ in folder.rglob('*.md'))} pages in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
