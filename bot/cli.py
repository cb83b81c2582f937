"""The command line: lockstep check, fix and explain."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot import __version__, settings
from bot.errors import ConfigurationError, LockstepError
from bot.frameworks import frameworks
from bot.frameworks import page as frameworks_page
from bot.local import LocalTree, Repository, named_files
from bot.model.change import ChangedFile
from bot.model.report import Report, is_fixable
from bot.model.wording import in_lines, plain
from bot.pipeline import Reviewer
from bot.reports import FORMATS, render, verdict
from bot.rules import names as rule_names
from bot.rules import page as rules_page
from bot.selection import Selected, Selection
from bot.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status of one call: 0, 1 findings, 2 not analysed or called wrongly."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except LockstepError as error:
        return _ended(str(error))
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        _discard_output()
        return 2
    except OSError as error:  # the file system's fault, wherever it shows
        return _ended(f"{error.filename or 'the current folder'}: {error.strerror}")
    except KeyboardInterrupt:
        return 130


def _ended(reason: str) -> int:
    print(f"lockstep: {plain(reason)}", file=sys.stderr)
    return 2


def _discard_output() -> None:
    """What standard output still holds would fail once more when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print(text: str, file: Path | None = None) -> None:
    """Write to `file` or standard output. Raises LockstepError where that cannot be written."""
    try:
        if file:
            file.write_text(text, encoding="utf-8", newline="")
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if not file:
            _discard_output()
        place = file or "standard output"
        raise LockstepError(f"{place} cannot be written: {error.strerror}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lockstep",
        description="Reviews PostgreSQL migrations: what each statement locks and scans.",
    )
    parser.add_argument("--version", action="version", version=f"pg-lockstep {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="review migrations")
    _selection_options(check)
    check.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    check.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    check.add_argument(
        "--fail-on",
        choices=("error", "warning", "notice", "never"),
        help="the severity that fails the check; default: the configuration's, else error",
    )
    check.set_defaults(run=_check)
    fix = commands.add_parser("fix", help="make the suggested changes and new files")
    _selection_options(fix)
    fix.add_argument("--diff", action="store_true", help="print a patch for `git apply` instead")
    fix.set_defaults(run=_fix)
    explain = commands.add_parser("explain", help="print the page of a rule or migration tool")
    explain.add_argument("name", nargs="?", metavar="RULE|FRAMEWORK")
    explain.set_defaults(run=_explain)
    return parser


def _selection_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
    parser.add_argument("--base", metavar="REF", help="default: the remote's default branch")
    parser.add_argument(
        "--postgres-version",
        type=int,
        metavar="N",
        help="14 to 18; default: the configuration's, else 14",
    )
    parser.add_argument("--framework", metavar="NAME", help="the migration tool of all files")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=f"default: {' or '.join(settings.PATHS)}"
    )


@dataclass(frozen=True, slots=True)
class Job:
    """A call's review: where it runs, what it looks at and how."""

    root: Path
    settings: Settings
    reviewer: Reviewer
    files: tuple[ChangedFile, ...]

    def report(self) -> Report:
        return self.reviewer.review(self.files, _watched)


def _check(options: argparse.Namespace) -> int:
    job = _job(options)
    threshold = options.fail_on or job.settings.fail_on
    report = job.report()
    colour = not options.output and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    _print(render(report, threshold, options.format, colour=colour), options.output)
    return verdict(report, threshold)


def _fix(options: argparse.Namespace) -> int:
    from bot.fixing import as_patch, changes, describe, make, sums_of

    job = _job(options)
    report = job.report()
    made = changes(report)
    made += sums_of(report, made, job.reviewer.selection.tree)
    if options.diff:
        patch = as_patch(made)
        _print(in_lines(patch) if sys.stdout.isatty() else patch)
    else:
        make(job.root, made)
        _print(describe(report, made))
    left = [remark for remark in report.remarks if not is_fixable(remark)]
    return verdict(replace(report, remarks=tuple(left)), job.settings.fail_on)


def _explain(options: argparse.Namespace) -> int:
    """The page of what was named, else the names there are."""
    if options.name is None:
        rules = "\n  ".join(("Rules:", *sorted(rule_names())))
        tools = "\n  ".join(("Migration tools:", *frameworks()))
        _print(f"{rules}\n{tools}\n")
    elif options.name in rule_names():
        _print(rules_page(options.name))
    elif options.name in frameworks():
        _print(frameworks_page(options.name))
    else:
        known = ", ".join((*sorted(rule_names()), *frameworks()))
        raise ConfigurationError(f'nothing is called "{options.name}"; there are {known}')
    return 0


def _job(options: argparse.Namespace) -> Job:
    if options.paths and options.base:
        raise ConfigurationError("name either files or --base, not both")
    repository = None if options.paths else Repository(Path.cwd())
    root = repository.root if repository else _top(Path.cwd())
    chosen = _settings(root, options)
    forced = options.framework and settings.known_framework(options.framework, _tools())
    tree, before, tip = LocalTree(root), None, None
    if repository:
        base = options.base or repository.default_base()
        files, before = tuple(repository.changed(base)), repository.before(base, tree)
        tip = repository.tip(base, before)
    else:
        files = tuple(named_files(root, options.paths))
    tool = frameworks()[forced] if forced else None
    selection = Selection(chosen, tree, tool, bool(options.paths), before, tip)
    return Job(root, chosen, Reviewer(selection, _stats(root, chosen)), files)


def _top(folder: Path) -> Path:
    """The checkout that `folder` lies in, else the folder itself."""
    return next((up for up in (folder, *folder.parents) if (up / ".git").exists()), folder)


def _settings(root: Path, options: argparse.Namespace) -> Settings:
    """From the file that is named or usual; the command line has the last word."""
    usual = [root / path for path in settings.PATHS]
    file = options.config or next((path for path in usual if path.is_file()), None)
    chosen = settings.Settings()
    if file:
        chosen = settings.parse(_text(file), str(file), rule_names(), _tools())
    if options.postgres_version is not None:
        chosen = settings.with_version(chosen, options.postgres_version)
    return chosen


def _stats(root: Path, chosen: Settings) -> Mapping[str, settings.TableStats]:
    if not chosen.tables.stats:
        return {}
    return settings.parse_stats(_text(root / chosen.tables.stats), chosen.tables.stats)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(f"{file} cannot be read: {reason}") from error


def _tools() -> frozenset[str]:
    return frozenset(frameworks())


def _watched(files: Sequence[Selected]) -> Iterable[Selected]:
    """`files` with a progress bar, once the work takes longer than a second on a terminal."""
    if len(files) < 10 or not sys.stderr.isatty():
        return files
    from tqdm import tqdm

    return tqdm(files, unit="file", delay=1, leave=False)


if __name__ == "__main__":
    sys.exit(main())
