"""`halocline`: what an operator types."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cli.codes import DONE, FAILED, INTERRUPTED
from cli.stopping import Terminated
from cli.token import EXAMPLES, add_options
from gateway.faults import ConfigError, PortTakenError
from stores.lock import LockedError

if TYPE_CHECKING:
    from cli.crews import Reading

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 -- argparse has no other name

_YAML = (".yaml", ".yml")

_SERVE = """examples:
  halocline serve sst.nc                    one file, no configuration
  halocline serve day1.nc day2.nc --port 0  a series; any free port
  halocline serve config.yaml               what has been ingested for a unit
  halocline serve config.yaml --workers 2   in two processes; SIGHUP takes up the file anew, SIGTERM ends
"""
_INGEST = """examples:
  halocline ingest config.yaml              every dataset
  halocline ingest config.yaml physics ice  two of them
  halocline ingest config.yaml --watch      keep all of them current, until Ctrl-C or SIGTERM
  halocline ingest config.yaml --dask tcp://scheduler:8786
"""
_CHECK = """examples:
  halocline check config.yaml               every dataset of a unit, and where it listens
  halocline check day1.nc day2.nc           what would be served of these files
  halocline check config.yaml | grep ' not '
"""
_VERSIONS = """examples:
  halocline versions config.yaml            what is kept of every dataset, the newest first
  halocline versions config.yaml physics
"""
_ROLLBACK = """examples:
  halocline rollback config.yaml physics 1CECHNKREP   the first letters of a version are enough
  halocline rollback config.yaml physics --forget     take again what was rolled back
"""
_VERIFY = """examples:
  halocline verify config.yaml              every chunk of every dataset
  halocline verify config.yaml physics --sources
  halocline verify config.yaml physics --mend         read again from the files what is damaged
"""
_EXPLAIN = """examples:
  halocline acl explain config.yaml                            who may do what with every dataset
  halocline acl explain config.yaml --dataset physics --anonymous
  halocline acl explain config.yaml --dataset physics --profile major registered
"""
_DEMO = """examples:
  halocline demo                            generate, ingest and serve on port 8080
  halocline demo --port 9000
"""


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(prog="halocline", description="From NetCDF files to maps, numbers and answers.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serving(commands)
    _add_ingest(commands)
    _add_kept(commands)
    _add_acl(commands)
    add_options(_command(commands, "token", "make keys and tokens of one's own, for trying and for tests", EXAMPLES))
    show = _command(commands, "demo", "generate the demonstration ocean, ingest and serve it", _DEMO)
    show.add_argument("--config", type=Path, default=Path("config.yaml"), help="default: %(default)s")
    _listening(show)
    show.set_defaults(run=_demo)
    return top


def _add_serving(commands: "Commands") -> None:
    serve = _command(commands, "serve", "serve a configured unit, or NetCDF files as they are", _SERVE)
    serve.add_argument("what", nargs="+", type=Path, metavar="CONFIG|FILE.nc", help="a configuration, or files")
    serve.add_argument("--cache", type=Path, help="folder for the copies of files (default: the user's cache folder)")
    _listening(serve)
    serve.add_argument("--workers", type=int, help="processes on the one port")
    serve.set_defaults(run=_serve)

    check = _command(commands, "check", "say what will be served, what not, and why, before anything starts", _CHECK)
    check.add_argument("what", nargs="+", type=Path, metavar="CONFIG|FILE", help="a configuration, or files")
    _reading(check)
    check.set_defaults(run=_check)


def _add_ingest(commands: "Commands") -> None:
    ingest = _command(commands, "ingest", "copy new and changed NetCDF files into the store", _INGEST)
    _datasets(ingest)
    ingest.add_argument("--watch", action="store_true", help="go on, taking what comes, changes or goes")
    ingest.add_argument(
        "--every", type=_seconds, default=30.0, metavar="SECONDS", help="between two looks (default: %(default)g)"
    )
    _reading(ingest)
    ingest.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler, whose workers read instead")
    ingest.set_defaults(run=_ingest)


def _add_kept(commands: "Commands") -> None:
    versions = _command(commands, "versions", "list the versions that are kept of datasets", _VERSIONS)
    _datasets(versions)
    versions.set_defaults(run=_versions)

    rollback = _command(commands, "rollback", "serve an older version of a dataset again", _ROLLBACK)
    rollback.add_argument("config", type=Path, metavar="CONFIG")
    rollback.add_argument("dataset", metavar="DATASET")
    what = rollback.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "version", nargs="?", metavar="VERSION", help="as `halocline versions` lists it, or its beginning"
    )
    what.add_argument("--forget", action="store_true", help="let what was rolled back be taken again")
    rollback.set_defaults(run=_rollback)

    verify = _command(commands, "verify", "read every chunk that is served, and name what is damaged", _VERIFY)
    _datasets(verify)
    verify.add_argument("--sources", action="store_true", help="read the files too, and compare their checksums")
    verify.add_argument("--mend", action="store_true", help="read again from the files what is damaged, and publish")
    _reading(verify)
    verify.set_defaults(run=_verify)


def _add_acl(commands: "Commands") -> None:
    acl = commands.add_parser("acl", help="say who may do what").add_subparsers(required=True, metavar="COMMAND")
    explain = _command(acl, "explain", "say who may do what, and which line of the configuration says so", _EXPLAIN)
    explain.add_argument("config", type=Path, metavar="CONFIG")
    explain.add_argument("--dataset", metavar="DATASET", help="its id; every one where none is given")
    who = explain.add_mutually_exclusive_group()
    who.add_argument("--profile", nargs="*", metavar="NAME", help="what an account with these profiles may")
    who.add_argument("--anonymous", action="store_true", help="what those may who do not say who they are")
    explain.set_defaults(run=_explain)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code, one of `cli.codes`."""
    given = parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except (ConfigError, PortTakenError, LockedError, OSError) as error:
        print(f"halocline: {error}", file=sys.stderr)
        return FAILED
    except Terminated:
        # A watch ends so; an ingest that was to come to its end did not.
        _end(DONE if getattr(given, "watch", False) else INTERRUPTED)
    except KeyboardInterrupt:
        _end(INTERRUPTED)


def _end(code: int) -> NoReturn:
    print("halocline: stopped; what is whole is kept, and the next run goes on from there", file=sys.stderr)
    sys.stderr.flush()
    sys.stdout.flush()
    # Everything is closed by now, but a thread of Icechunk's that still winds up what was under way aborts the
    # process where it finds the interpreter half gone (seen once in a hundred interruptions).
    os._exit(code)


# Each command imports what it needs: what reads NetCDF would triple the time that `serve` takes to start, and each
# process that reads files for `ingest` imports this module anew.
def _serve(given: argparse.Namespace) -> int:
    from cli.serve import listening, serve_config  # noqa: PLC0415
    from gateway.config.file import load  # noqa: PLC0415

    listen = (given.host, given.port)
    if len(given.what) == 1 and given.what[0].suffix in _YAML:
        return serve_config(listening(load(given.what[0]), listen=listen, workers=given.workers))
    if any(path.suffix in _YAML for path in given.what):
        raise ConfigError("give one configuration, or files, not both")
    from cli.files import serve_files  # noqa: PLC0415

    return serve_files(given.what, cache=given.cache, listen=listen, workers=given.workers)


def _ingest(given: argparse.Namespace) -> int:
    from cli.ingest import ingest_configured  # noqa: PLC0415
    from cli.watch import watch_configured  # noqa: PLC0415

    if given.watch:
        watch_configured(given.config, given.datasets, _how(given), every=given.every)
    return ingest_configured(given.config, given.datasets, _how(given))


def _check(given: argparse.Namespace) -> int:
    from cli.check import check_config, check_files  # noqa: PLC0415

    if len(given.what) == 1 and given.what[0].suffix in _YAML:
        return check_config(given.what[0], _how(given))
    if any(path.suffix in _YAML for path in given.what):
        raise ConfigError("give one configuration, or files, not both")
    return check_files(given.what, _how(given))


def _versions(given: argparse.Namespace) -> int:
    from cli.versions import list_versions  # noqa: PLC0415

    return list_versions(given.config, given.datasets)


def _rollback(given: argparse.Namespace) -> int:
    from cli.versions import forgive_all, roll_back  # noqa: PLC0415

    if given.forget:
        return forgive_all(given.config, given.dataset)
    return roll_back(given.config, given.dataset, given.version)


def _verify(given: argparse.Namespace) -> int:
    from cli.verify import Depth, verify_configured  # noqa: PLC0415

    depth = Depth(sources=given.sources, mend=given.mend)
    return verify_configured(given.config, given.datasets, _how(given), depth)


def _explain(given: argparse.Namespace) -> int:
    from auth.caller import ANONYMOUS, Caller  # noqa: PLC0415
    from cli.acl import explain  # noqa: PLC0415

    caller = ANONYMOUS if given.anonymous else None
    if given.profile is not None:
        caller = Caller(subject="somebody", profiles=frozenset(given.profile))
    return explain(given.config, given.dataset, caller=caller)


def _demo(given: argparse.Namespace) -> int:
    from cli.demo import demo  # noqa: PLC0415

    return demo(given.config, listen=(given.host, given.port))


def _command(commands: "Commands", name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary[:1].upper()}{summary[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _listening(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", help="address to listen at (default: the configuration's, else 127.0.0.1)")
    command.add_argument(
        "--port", type=int, help="port; 0 takes any free one (default: the configuration's, else 8080)"
    )


def _datasets(command: argparse.ArgumentParser) -> None:
    command.add_argument("config", type=Path, metavar="CONFIG")
    command.add_argument("datasets", nargs="*", metavar="DATASET", help="ids; all where none is given")


def _reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--processes", type=_count, default=2, help="that read NetCDF (default: %(default)s)")
    command.add_argument("--quiet", action="store_true", help="say nothing but what is wrong")


def _how(given: argparse.Namespace) -> "Reading":
    from cli.crews import Reading  # noqa: PLC0415

    return Reading(processes=given.processes, dask=getattr(given, "dask", None), quiet=given.quiet)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.1 <= seconds <= 86400.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.1 and 86400 seconds")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 256:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 256")
    return count


if __name__ == "__main__":
    sys.exit(main())
