"""The running service of the API's tests serves here too."""

from tests.api.conftest import service

__all__ = ["service"]
