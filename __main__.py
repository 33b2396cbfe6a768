"""`python -m slowlint`: the same front door as the `slowlint` command."""

from .cli import main

if __name__ == "__main__":
    main()
