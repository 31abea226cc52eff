"""The `lims` command. Each subcommand lives in a module of its own, loaded when it is called."""

from importlib import import_module

import click

_COMMANDS = {
    "calc": "lims.cli.calc",
    "read": "lims.cli.read",
}


class _Lazy(click.Group):
    """A group that imports a subcommand only when it is asked for, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)  # noqa: S101
        return command


@click.group(cls=_Lazy)
def main() -> None:
    """Livelot: quality control of live biotherapeutic products."""
