"""Of other companies, too, a report names what was planted, and nothing where nothing was.

In the suite a few; `make companies` takes twenty calm ones whose customers come again.
"""

import os

import pytest

from streams.governance import report
from streams.store.client import Store
from tests.metrics.report.test_assembly import CLAIMED
from tests.streams import regulars, reporting
from tests.streams.conftest import Open
from tests.streams.governance.test_report import BAD, DEPARTMENTS
from tests.streams.reporting import QUESTION, RULES

pytestmark = pytest.mark.slow
CALM = int(os.environ.get("CXB_CALM", "2"))


@pytest.mark.long
def test_of_a_seventh_planted_company_each_planted_thing_is_named_and_nothing_else(store: Store) -> None:
    reporting.fill(store, seed=7)
    findings = report.write(store, RULES, QUESTION).report.findings
    bad = [finding for finding in findings if finding.of.tone == "bad"]
    assert {(finding.kind, finding.touchpoint, finding.other) for finding in bad} == BAD
    assert {finding.kind: finding.department for finding in bad if finding.department} == DEPARTMENTS
    changes = {finding.touchpoint: finding.kind for finding in findings if finding.kind.startswith("change_")}
    assert changes == {"product.manual": "change_helped", "events.fair_stand": "change_no_effect"}


@pytest.mark.long
def test_of_calm_companies_whose_customers_come_again_at_most_one_in_twenty_is_told_anything(open_store: Open) -> None:
    claimed = {}
    for seed in range(CALM):
        with open_store() as store:
            regulars.fill(store, seed)
            written = report.write(store, RULES, QUESTION).report
            assert written.questions > 40
            claimed[seed] = {finding.kind for finding in written.findings} & CLAIMED
    assert sum(map(bool, claimed.values())) <= CALM / 20, claimed
