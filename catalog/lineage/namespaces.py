"""The platform's own namespaces: a dataset and a product may have one name, and are two nodes."""

from __future__ import annotations

DATASETS = "shuize"
PRODUCTS = "shuize:products"
FILES = "shuize:files"
"""Where source files are. One is known by the dataset it was delivered for and its name, not its folder."""
JOBS = "shuize"


def of_output(job_namespace: str, job: str, namespace: str, name: str) -> str:
    """Return the namespace of what a job made.

    Builds said their products to be in the namespace of datasets before products had one of their own.
    """
    was_product = (job_namespace, job, namespace) == (JOBS, f"build.{name}", DATASETS)
    return PRODUCTS if was_product else namespace
