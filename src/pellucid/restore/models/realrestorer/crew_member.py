"""A process for one more card: does what it is told until there is nothing more.

python -m pellucid.restore.models.realrestorer.crew_member STATION
"""

# pyright: standard

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from threading import Thread

import torch

from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.crew import READY, Crew, Station
from pellucid.restore.models.realrestorer.engine import Engine
from pellucid.restore.models.realrestorer.quiet import quiet
from pellucid.restore.models.realrestorer.reading import read_network


def main() -> None:
    """Help until the process that began has ended, or needs nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides
    Thread(target=_end_with_the_first, daemon=True).start()
    station = Station(**json.loads(sys.argv[1]))
    with quiet():
        crew, engine = _ready(station)
        while job := crew.hear():
            engine.restore_all(*job)


def _ready(station: Station) -> tuple[Crew, Engine]:
    """Read the weights, and meet the others."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // station.count))
    dtype: torch.dtype = getattr(torch, station.dtype)
    network = read_network(Path(station.transformer), dtype)
    network.transformer.to(station.place)
    autoencoder = Autoencoder.load(Path(station.autoencoder))
    autoencoder.net.to(station.place)
    crew = Crew(station)
    os.write(1, READY)
    os.dup2(2, 1)  # nobody reads what comes after it
    crew.join()
    crew.share(network.transformer)
    return crew, Engine(network, autoencoder, station.place, crew=crew)


def _end_with_the_first() -> None:
    """The pipe ends when the process that holds it ends, even if it was killed."""
    os.read(0, 1)  # not `sys.stdin`: its lock would be held when the process ends
    os._exit(0)


if __name__ == "__main__":
    main()
