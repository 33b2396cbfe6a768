"""An application that waits: `run_io.py` measures that each line marked `# slow: [code]` is slow, and no other."""
