"""`python -m embedprep`: the command, where it is not on the path."""

from embedprep.cli import main

if __name__ == "__main__":
    main()
