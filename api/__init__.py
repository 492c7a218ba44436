"""How do people reach it?

Two ways in, one flow: parse at the edge, one use-case method, frozen result, render at the edge.

    shuize …  ─ cli/ ───┐                       ┌─▶ tables on stdout, or --json
                        ├─▶ wiring.Platform ────┤
    HTTP ──── routes/ ──┘    one object each    └─▶ JSON, CSV, Parquet, problem+json

`settings` alone reads the environment, `wiring` alone builds objects, `problems` alone knows status codes
and exit codes. A route or a command is about ten lines: logic in one is a bug.
"""
