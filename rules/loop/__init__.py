"""Work of the processor that grows faster than the data, or that is done again and again, on hot paths."""
