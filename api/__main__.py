"""`python -m api` is the `shuize` command."""

from api.cli import main

main()
