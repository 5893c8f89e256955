"""The map of ownership as a Mermaid flowchart."""

import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.governance.chart import mermaid, mermaid_escaped
from metrics.registry import parse
from tests.metrics.registry_text import COMPANY_OF_TWO, rule, touchpoint

NOW_S = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
SEGMENT = '\n[[segment]]\nid = "smb"\nname = { en = "Small \\"firms\\"; end" }\n'


def test_the_map_leads_from_target_groups_over_touchpoints_to_offices() -> None:
    text = COMPANY_OF_TWO + touchpoint("web") + touchpoint("fax") + SEGMENT
    text += rule("web", "it", "contributors = { sales = 0.25 }") + rule("web", "sales", 'segment = "smb"')
    assert mermaid(parse(text), NOW_S).splitlines() == [
        "flowchart LR",
        '    subgraph groups["Target groups"]',
        '        g0["Everybody else"]',
        '        g1["Small #34;firms#34;#59; end"]',
        "    end",
        '    subgraph before["Before the purchase"]',
        '        t0["X (online)"]',
        '        t1["X (online)"]',
        "    end",
        '    subgraph front["Front office"]',
        '        d1["Sales"]',
        "    end",
        '    subgraph back["Back office"]',
        '        d0["IT"]',
        "    end",
        '    nobody["unowned"]',
        "    g0 --> t0",
        "    t0 --> d0",
        '    t0 -.->|"25%"| d1',
        "    g1 --> t0",
        '    t0 -->|"smb"| d1',
        "    g0 --> t1",
        "    t1 --> nobody",
    ]


def test_facets_and_ties_have_their_own_lines() -> None:
    text = COMPANY_OF_TWO + touchpoint("web") + rule("web", "it") + rule("web", "sales")
    text += rule("web", "it", 'facet = "voice"')
    edges = [line.strip() for line in mermaid(parse(text), NOW_S).splitlines() if line.strip().startswith("t0 -")]
    assert edges == [
        't0 -->|"voice"| d0',
        't0 -->|"delivery"| d1', 't0 -->|"delivery"| d0',
        't0 -->|"oversight"| d1', 't0 -->|"oversight"| d0',
    ]  # fmt: skip


def test_names_are_in_english_where_there_is_one() -> None:
    text = COMPANY_OF_TWO + touchpoint("web").replace('en = "X"', 'it = "Cassa"') + rule("web", "it")
    assert '"Cassa (online)"' in mermaid(parse(text), NOW_S)


@settings(deadline=None)
@given(st.text())
def test_no_text_can_leave_its_label(text: str) -> None:
    shown = mermaid_escaped(text)
    assert not set(shown) & set("\"'`<>[]{}|&\n\r\\")
    assert re.sub(r"#(\d+);", lambda result: chr(int(result[1])), shown) == text


def test_without_target_groups_everybody_is_one() -> None:
    assert '"Everybody"' in mermaid(parse(COMPANY_OF_TWO + touchpoint("web") + rule("web", "it")), NOW_S)
