"""Runs the app in Flower's simulation, without a SuperLink:

    python examples/flower_app/simulate.py --nodes 3 --run-config num-server-rounds=2 budget=1000

`flwr run examples/flower_app` runs the same app. What it needs of the chain is in the environment;
see docs/guides/flower.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from copy import copy
from pathlib import Path
from typing import Any

# Neither Flower nor Ray has to report that somebody tried an example.
os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

from flwr.app import Context, Message, UserConfig
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.simulation import run_simulation

HERE = Path(__file__).resolve().parent


def configured(server: ServerApp, client: ClientApp, config: UserConfig) -> tuple[Any, Any]:
    """Returns the two apps with a run's config, which a simulation doesn't read by itself."""
    server_app, client_app = ServerApp(), ClientApp()

    @server_app.main()
    def main(grid: Grid, context: Context) -> None:
        context.run_config = config
        server(grid, context)

    def passed_on(message: Message, context: Context) -> Message:
        # A copy: Flower doesn't take a context back whose config changed.
        with_config = copy(context)
        with_config.run_config = config
        return client(message, with_config)

    client_app.train()(passed_on)
    client_app.evaluate()(passed_on)
    return server_app, client_app


def run_config(changes: list[str]) -> UserConfig:
    """Returns the config in pyproject.toml with NAME=VALUE changes of the same types."""
    with (HERE / "pyproject.toml").open("rb") as file:
        config = tomllib.load(file)["tool"]["flwr"]["app"]["config"]
    for change in changes:
        name, _, value = change.partition("=")
        if name not in config:
            raise SystemExit(f"expected one of {sorted(config)}, got {name!r}")
        config[name] = type(config[name])(value)
    return UserConfig(config)


def main() -> None:
    """Reads the options and runs."""
    parser = argparse.ArgumentParser(description="The app in Flower's simulation.")
    parser.add_argument("--nodes", type=int, default=3, help="how many nodes take part")
    parser.add_argument("--run-config", nargs="*", default=[], help="NAME=VALUE changes")
    chosen = parser.parse_args()
    sys.path.insert(0, str(HERE))
    # The workers are processes of their own, and look for the app by this.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    from mnist_app.client_app import app as client
    from mnist_app.server_app import app as server

    server_app, client_app = configured(server, client, run_config(chosen.run_config))
    run_simulation(
        server_app,
        client_app,
        num_supernodes=chosen.nodes,
        backend_config={"client_resources": {"num_cpus": 1, "num_gpus": 0.0}},
    )


if __name__ == "__main__":
    main()
