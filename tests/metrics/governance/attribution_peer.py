"""What marketing-attribution-models says about journeys, for `.venv-peers/bin/python`: JSON in, JSON out.

In: a list of companies, each a list of {"steps": [department], "hours": [before the last step], "converted": bool}.
Out: for each of them credit by department under each of its models.
"""

import json
import sys
from typing import Any

import pandas as pd
from mam.core import MAM

SEPARATOR = " > "


def credit(journeys: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    frame = pd.DataFrame(
        {
            "journey_id": [str(number) for number in range(len(journeys))],
            "steps": [SEPARATOR.join(journey["steps"]) for journey in journeys],
            "hours": [SEPARATOR.join(map(repr, journey["hours"])) for journey in journeys],
            "converted": [journey["converted"] for journey in journeys],
        }
    )
    models = MAM(frame, "journey", "steps", "converted", time_till_conv_colname="hours")
    names = ("last_click", "first_click", "linear", "position_based", "time_decay")
    actual = {name: getattr(models, f"run_{name}")() for name in names}
    actual["shapley"] = models.run_shapley(max_size=99)
    fields = {name: _by_channel(result) for name, result in actual.items()}
    removal = models.run_markov().metadata["removal_effect"]
    return fields | {"removal": removal["removal_effect"].to_dict()}


def _by_channel(result: Any) -> dict[str, float]:
    rows = result.to_polars()
    return dict(zip(rows["channels"].to_list(), rows["attribution"].to_list(), strict=True))


if __name__ == "__main__":
    json.dump([credit(journeys) for journeys in json.load(sys.stdin)], sys.stdout)
