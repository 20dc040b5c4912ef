"""`halocline`: what an operator types."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.serve import listening, serve_config
from gateway.config import ConfigError, load
from gateway.serve import PortTakenError
from stores.lock import LockedError

USAGE_ERROR = 2
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
_YAML = (".yaml", ".yml")

_SERVE = """examples:
  halocline serve sst.nc                    one file, no configuration
  halocline serve day1.nc day2.nc --port 0  a series; any free port
  halocline serve config.yaml               what has been ingested for a unit
"""
_INGEST = """examples:
  halocline ingest config.yaml              every dataset
  halocline ingest config.yaml physics ice  two of them
"""
_DEMO = """examples:
  halocline demo                            generate, ingest and serve on port 8080
  halocline demo --port 9000
"""


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(prog="halocline", description="From NetCDF files to maps, numbers and answers.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = _command(commands, "serve", "serve a configured unit, or NetCDF files as they are", _SERVE)
    serve.add_argument("what", nargs="+", type=Path, metavar="CONFIG|FILE.nc", help="a configuration, or files")
    serve.add_argument("--cache", type=Path, help="folder for the copies of files (default: the user's cache folder)")
    _listening(serve)
    serve.add_argument("--workers", type=int, help="processes on the one port")
    serve.set_defaults(run=_serve)

    ingest = _command(commands, "ingest", "copy new and changed NetCDF files into the store", _INGEST)
    ingest.add_argument("config", type=Path, metavar="CONFIG")
    ingest.add_argument("datasets", nargs="*", metavar="DATASET", help="ids; all where none is given")
    ingest.add_argument("--processes", type=int, default=2, help="that read NetCDF (default: %(default)s)")
    ingest.set_defaults(run=_ingest)

    show = _command(commands, "demo", "generate the demonstration ocean, ingest and serve it", _DEMO)
    show.add_argument("--config", type=Path, default=Path("config.yaml"), help="default: %(default)s")
    _listening(show)
    show.set_defaults(run=_demo)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 partly refused, 2 cannot be done as asked."""
    given = parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except (ConfigError, PortTakenError, LockedError, OSError) as error:
        print(f"halocline: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("halocline: stopped; what is whole is kept, and the next run goes on from there", file=sys.stderr)
        sys.stderr.flush()
        # Everything is closed by now, but a thread of Icechunk's that still winds up what was under way aborts the
        # process where it finds the interpreter half gone (seen once in a hundred interruptions).
        os._exit(INTERRUPTED)


# What reads NetCDF is imported by the commands that do: it would triple the time that `serve` takes to start.
def _serve(given: argparse.Namespace) -> int:
    listen = (given.host, given.port)
    if len(given.what) == 1 and given.what[0].suffix in _YAML:
        return serve_config(listening(load(given.what[0]), listen=listen, workers=given.workers))
    if any(path.suffix in _YAML for path in given.what):
        raise ConfigError("give one configuration, or files, not both")
    from cli.files import serve_files  # noqa: PLC0415

    return serve_files(given.what, cache=given.cache, listen=listen, workers=given.workers)


def _ingest(given: argparse.Namespace) -> int:
    from cli.ingest import ingest_configured  # noqa: PLC0415

    return ingest_configured(given.config, given.datasets, processes=given.processes)


def _demo(given: argparse.Namespace) -> int:
    from cli.demo import demo  # noqa: PLC0415

    return demo(given.config, listen=(given.host, given.port))


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str, examples: str
) -> argparse.ArgumentParser:
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


if __name__ == "__main__":
    sys.exit(main())
