"""How do people reach it?

Two ways in, one flow: parse at the edge, one use-case method, frozen result, render at the edge.

    shuize …  ─ cli/ ───┐                       ┌─▶ tables on stdout, or --json
                        ├─▶ wiring.Platform ────┤
    HTTP ──── routes/ ──┘    one object each    └─▶ JSON, CSV, Parquet, problem+json

`settings` alone reads settings from the environment. `wiring` builds every object of a running platform,
once; `initialise`, which makes a home before there is one, and `cli/verify`, which needs none, build what
they use. `problems` alone knows status codes and exit codes. A route or a command is about ten lines: logic
in one is a bug.
"""
