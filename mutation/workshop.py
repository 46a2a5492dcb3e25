"""A copy of the checkout in which mutants are made and tried, so that the checkout itself is never touched.

A workshop lies under ``.cache/mutation/`` and is kept: a run that was broken off goes on where it was, functions that
changed are tried anew, and so are survivors when a test has changed. It is deleted with ``make clean``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from mutation.parts import Part
from mutation.undecorate import undecorate

__all__ = ["ROOT", "Workshop"]

ROOT = Path(__file__).resolve().parents[1]
_BROKEN_OFF = ("not checked", "check was interrupted by user", "suspicious")
_COPIED = ("sim", "tests", "seeds", "scenarios")
_PYTEST = ("no:cacheprovider", "no:xdist", "no:unraisableexception", "no:threadexception")
"""Plugins left out: of the half second that a short test takes, two thirds are theirs."""


class Workshop:
    """The workshop of one part: a copy of the code, and the verdict on each mutant that was tried."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.folder = ROOT / ".cache" / "mutation" / part.name

    # --- the copy ----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Bring the copy up to date; a file is written only where it differs, since mutmut goes by times."""
        wanted = {"pyproject.toml": (ROOT / "pyproject.toml").read_bytes() + self._settings().encode()}
        for tree in _COPIED:
            for path in sorted((ROOT / tree).rglob("*")):
                name = path.relative_to(ROOT).as_posix()
                if path.is_file() and "__pycache__" not in path.parts:
                    wanted[name] = path.read_bytes()
                    if self.mutates(name):
                        wanted[name] = undecorate(wanted[name].decode()).encode()
        for name, content in wanted.items():
            copy = self.folder / name
            if not copy.exists() or copy.read_bytes() != content:
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(content)
        for tree in _COPIED:
            for copy in (self.folder / tree).rglob("*.*"):
                if copy.is_file() and copy.relative_to(self.folder).as_posix() not in wanted:
                    copy.unlink()

    def mutates(self, name: str) -> bool:
        """Return whether a file belongs to the part."""
        return any(fnmatch(name, pattern) for pattern in self.part.modules)

    def _settings(self) -> str:
        options = [word for plugin in _PYTEST for word in ("-p", plugin)]
        settings = {
            "source_paths": ["sim"],
            "only_mutate": list(self.part.modules),
            "also_copy": ["seeds", "scenarios"],
            # what numba compiles is not mutated, and each mutant would wait a minute for it
            "pytest_add_cli_args": [*options, "--hypothesis-profile=house-quick", "-k", "not machine"],
            "pytest_add_cli_args_test_selection": [*self.part.tests, *(f"--deselect={it}" for it in self.part.without)],
            "process_isolation": "forkserver",  # what a cache holds after one mutant must not meet the next
            "timeout_multiplier": 5.0,
            "timeout_constant": 15.0,  # a busy machine must not kill a mutant
            "use_git_change_detection": False,
            "track_dependencies": False,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        return "\n".join(["", "[tool.mutmut]", *lines, ""])

    # --- the mutants -------------------------------------------------------------------------------------------------

    def files(self) -> list[str]:
        """Return the files of the part, by name."""
        names = (path.relative_to(self.folder).as_posix() for path in (self.folder / "sim").rglob("*.py"))
        return sorted(name for name in names if self.mutates(name))

    def names(self) -> dict[str, str]:
        """Return the names of all mutants of the part, each with its file; kept, since making them takes a while."""
        digest = hashlib.sha256(b"".join((self.folder / name).read_bytes() for name in self.files())).hexdigest()
        memory = self.folder / f"names-{digest[:16]}.json"
        if not memory.exists():
            memory.write_text(json.dumps(self._made()), encoding="utf-8")
        names: dict[str, str] = json.loads(memory.read_text(encoding="utf-8"))
        return names

    def _made(self) -> dict[str, str]:
        from mutmut.mutation.file_mutation import mutate_file_contents
        from mutmut.utils.format_utils import get_mutant_name

        found: dict[str, str] = {}
        with self._inside():
            for name in self.files():
                made = mutate_file_contents(name, Path(name).read_text(encoding="utf-8"))
                found |= {get_mutant_name(Path(name), mutant): name for mutant in made.mutant_names}
        return found

    def change(self, mutant: str, file: str) -> list[str]:
        """Return what a mutant changes: lines of its function, each with − or + before it."""
        from mutmut.mutation.diff_apply import get_diff_for_mutant

        with self._inside():
            lines = get_diff_for_mutant(mutant, path=file).splitlines()
        return [
            f"{line[0]} {line[1:].strip()}" for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]

    def verdicts(self) -> dict[str, str]:
        """Return the verdict on each mutant tried to the end: killed, timeout, segfault, survived, no tests.

        Verdicts on mutants of a function that has changed since are left out.
        """
        from mutmut.mutation.file_mutation import compute_function_hashes
        from mutmut.stats import status_by_exit_code
        from mutmut.utils.format_utils import mangled_name_from_mutant_name

        found: dict[str, str] = {}
        for name in self.files():
            path = self.folder / "mutants" / f"{name}.meta"
            if not path.exists():
                continue
            meta = json.loads(path.read_text(encoding="utf-8"))
            digests = compute_function_hashes((self.folder / name).read_text(encoding="utf-8"))
            for mutant, code in meta["exit_code_by_key"].items():
                function = mangled_name_from_mutant_name(mutant).rpartition(".")[2]
                verdict = status_by_exit_code[code]
                if verdict not in _BROKEN_OFF and meta["hash_by_function_name"].get(function) == digests.get(function):
                    found[mutant] = verdict
        return found

    def tests_changed(self) -> bool:
        """Return whether the tests differ from those by which the verdicts were found."""
        memory = self.folder / "tests.sha256"
        return not memory.exists() or memory.read_text(encoding="utf-8") != self._digest_of_tests()

    def remember_tests(self) -> None:
        """Remember by which tests the verdicts were found."""
        (self.folder / "tests.sha256").write_text(self._digest_of_tests(), encoding="utf-8")

    def forget_who_tests_what(self) -> None:
        """Let mutmut find out anew which test reaches which function."""
        (self.folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)

    def _digest_of_tests(self) -> str:
        ours = {test.partition("::")[0] for test in self.part.tests}
        files = {path.relative_to(self.folder).as_posix(): path for path in (self.folder / "tests").rglob("*.py")}
        paths = [path for name, path in sorted(files.items()) if name in ours or not path.name.startswith("test_")]
        return hashlib.sha256(b"".join(path.read_bytes() for path in paths) + self._settings().encode()).hexdigest()

    def try_out(self, mutants: list[str]) -> None:
        """Try mutants, one after the other, in a process of their own.

        Raises
        ------
        subprocess.CalledProcessError
            If the tests fail without a mutant, or mutmut cannot work; its log in the workshop says why.
        """
        command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", "1", *mutants]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with (self.folder / "mutmut.log").open("w", encoding="utf-8") as log:
            subprocess.run(command, cwd=self.folder, env=environment, stdout=log, stderr=log, check=True)

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        """Work in the workshop: mutmut reads its settings from the folder it stands in."""
        from mutmut.configuration import reset_config

        reset_config()
        with contextlib.chdir(self.folder):
            yield
        reset_config()
