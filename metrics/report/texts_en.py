"""The report in English."""

from metrics.report.language import Language

ENGLISH = Language(
    code="en",
    decimal=".",
    thousands=",",
    title="Who owns our customers' experience",
    period="{since} to {at}, registry {version}",
    note=(
        "Figures are descriptive and about departments, never persons. In brackets: 95 % intervals; n: "
        "observations, of a change of owner days. {questions} questions were put to chance: with Holm's "
        "correction, at most one report in twenty in which nothing is the matter claims that something is. "
        "Below 30 effective observations nothing is claimed."
    ),
    look="look",
    more="{n} more: see {command}",
    interval="{low} to {high}",
    uncertain="uncertain",
    nobody="nobody",
    company="the company",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day="{day} {month} {year}",
    sections={
        "changed": "What changed",
        "drift": "What drifts, and whose it is",
        "lines": "Who is responsible",
        "talk": "Who must talk to whom",
        "terms": "Short against long",
        "success": "What customers call success",
        "money": "Money",
        "perception": "Whom people take for the owner",
        "good": "Good news",
        "open": "Open questions",
    },
    nothing={
        "changed": "Nothing, or only for the better: see the good news.",
        "drift": "Nothing drifts downwards.",
        "lines": "Every line of responsibility is clear.",
        "talk": "No hand-off costs satisfaction beyond the noise.",
        "terms": "No figures of both terms yet.",
        "success": "Customers want what we aim at, as far as the answers tell.",
        "money": "Little or no spend on the experience stands in other budgets.",
        "perception": "No role takes another department for the owner.",
        "good": "None that the figures bear out.",
        "open": "None.",
    },
    unknown="Nothing was asked or counted that would tell.",
    units={
        "points": "{0} points of 100",
        "index": "{0} points of the index",
        "count": "{0}",
        "owners": "{0} effective owners",
        "share": "{0} %",
        "days": "{0} days",
        "money": "{0}",
    },
    metrics={
        "nps": "NPS",
        "csat": "CSAT",
        "ces": "ease (CES)",
        "referrals": "referrals a day",
        "repeat_rate": "repeat rate",
        "retention": "retention",
        "awareness": "awareness a day",
        "traffic": "traffic a day",
        "conversions": "conversions a day",
        "conversion_rate": "conversion rate",
    },
    texts={
        "change_hurt": (
            "{touchpoint} passed from {other} to {department} on {since}; satisfaction fell against the "
            "touchpoints that kept their owner"
        ),
        "change_helped": (
            "{touchpoint} passed from {other} to {department} on {since}; satisfaction rose against the "
            "touchpoints that kept their owner"
        ),
        "change_no_effect": (
            "{touchpoint} passed from {other} to {department} on {since}; no effect on satisfaction beyond "
            "chance, among so many questions"
        ),
        "change_unclear": (
            "{touchpoint} passed from {other} to {department} on {since}; too few days, or another course "
            "before it, to say what came of it"
        ),
        "owner_changed": "{touchpoint} passed from {other} to {department} on {since}",
        "registry_changed": "Version {other} of the registry has been in force since {since}",
        "drift_down": "{metric} of {department} has been falling since {since}",
        "drift_up": "{metric} of {department} has been rising since {since}",
        "two_accountable": "{touchpoint} has several accountable departments: {other}; one has to be",
        "crowded": "{touchpoint}, of {department}, has more cooks than the policy allows ({against})",
        "orphan": "Nobody owns {touchpoint}",
        "orphan_events": "Events that nobody owns",
        "new_silo": "{department} owns most touchpoints and customer service none: a new silo",
        "no_responsibility": "{department} answers for nothing and works on nothing",
        "no_sponsor": "Touchpoints without an executive sponsor",
        "redundant_programs": "Two programmes for the same metric and touchpoints, of different owners: {other}",
        "opposed_programs": "Two programmes that pull the same metric in opposite directions: {other}",
        "bad_hand_off": (
            "{other} and {department} should talk: customers who come from {other} to {department} are less "
            "content than those who were there before, at the same touchpoints"
        ),
        "good_hand_off": (
            "Customers who come from {other} to {department} are more content than those who were there "
            "before, at the same touchpoints"
        ),
        "hand_offs_unclear": "Pairs of departments with too few answers after a hand-off to say anything",
        "myopia": (
            "{department}: the short-term index has risen by {against} in eight weeks while the long-term index fell"
        ),
        "weight_lived": (
            "Of the attention that cases, money and alerts got, the long term had this share; the targets "
            "give it {against} of the weight"
        ),
        "balance": "Long-term less short-term index of {department}",
        "expect_more": "Customers expect more than the target of {against} for {metric}; half of them name at least",
        "expect_less": (
            "Customers would be content with less than the target of {against} for {metric}; half of them name at most"
        ),
        "hidden_spend": "Spend on the experience in {other} that stands in other budgets",
        "cost_per_promoter": "{touchpoint}: what was spent for each promoter gained, in {other}",
        "mistaken_owner": (
            "{role}: most take {other} for the owner of {touchpoint}; the one declared, {department}, is named by"
        ),
        "clear_lines": "Every touchpoint has exactly one accountable department, within the policy",
        "agreement": "People asked name the declared owner",
        "on_target": "{department} reaches its targets in both terms; the lower index stands at",
        "confirmed": "Customers agree that {department} closed their cases",
        "unheard": "{touchpoint}, of {department}: too few answers to say how customers fare",
        "open_cases": "{department}: open cases, the oldest for {against} days",
        "no_success_answers": "Nobody has asked customers what success would be",
        "no_ownership_answers": "Nobody has asked people whom they take for the owners",
    },
)
