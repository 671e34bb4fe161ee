"""From noise to a picture along straight paths: times, steps, guidance."""
