"""What the cases of a lane found."""

from collections.abc import Callable


class Report:
    """One line a case; a case that fails does not keep the others from running."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def case(self, name: str, run: Callable[[], str]) -> None:
        try:
            finding = run()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is a finding
            self.failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {name}: {finding}", flush=True)
