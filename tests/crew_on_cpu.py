"""A helper of a crew on a machine without a graphics card.

diffusers numbers accelerators, of which there are none; all members are on one CPU.
"""

import torch

torch.accelerator.device_count = lambda: 1

if __name__ == "__main__":
    from pellucid.restore.models.realrestorer.crew_member import main

    main()
