"""The routes, one module a noun. A route parses, calls one use-case method, and renders what comes back."""
