"""The report in English."""

from metrics.report.language import Language, MetricName

ENGLISH = Language(
    code="en",
    decimal=".",
    thousands=",",
    title="Who owns our customers' experience",
    period="{from} {to}, registry {version}",
    note=(
        "Figures are descriptive and about departments, never about persons. In brackets: 95 % intervals; n: "
        "observations (days, for a change of owner). {comparisons}: with Holm's correction, at "
        "most one report in twenty claims anything where nothing is wrong. Below 30 effective observations "
        "a figure is marked uncertain, and no comparison is claimed."
    ),
    details="details",
    more="{n} more: see {command}",
    interval="{low} to {high}",
    uncertain="uncertain",
    too_few={
        "": "too few observations for a figure",
        "weight_lived": "what it gets in practice (cases, spend, alerts) is unknown: too few observations",
    },
    nobody="nobody",
    others="other touchpoints",
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
    first_day="1",
    day="{day} {month}",
    year="{day} {year}",
    dates={
        "on": ("on ", "on "),
        "since": ("since ", "since "),
        "from": ("", ""),
        "to": ("to ", "to "),
        "until": ("to ", "to "),
    },
    share_articles=("", "", ""),
    sections={
        "changed": "What changes of owner did",
        "drift": "What is changing, and who owns it",
        "lines": "Who is responsible",
        "talk": "Who must talk to whom",
        "terms": "Short term against long term",
        "success": "What customers call success",
        "money": "Money",
        "perception": "Who people think owns it",
        "good": "Good news",
        "open": "Open questions",
    },
    nothing={
        "changed": "No change of owner made anything worse, as far as the figures show.",
        "drift": "No metric that is watched is falling below its usual level.",
        "lines": "Every line of responsibility is clear.",
        "talk": "No hand-off with enough answers costs satisfaction beyond the noise.",
        "terms": "There are no figures for both terms yet.",
        "success": "Customers want what we aim for, as far as the answers show.",
        "money": "Little or none of the spend on the experience is hidden in other budgets.",
        "perception": "No role with enough answers clearly believes that another department is the owner.",
        "good": "None that the data supports.",
        "open": "None.",
    },
    unknown={"": "No data on this yet.", "drift": "Nothing is watched for drift yet: no metric has a baseline."},
    no_events="No events in this period: there is nothing to judge by.",
    one_metric="an index rests on 1 of {targets} metrics",
    change_of_figure="{before} before, {after} since",
    budget=(
        "All detectors together may raise about {false_alarms} a month; in the 30 days {until} they raised {alarms}."
    ),
    units={
        "points": "{0} points out of 100",
        "index": "{0} index points",
        "count": "{0}",
        "owners": "{0} effective owners",
        "share": "{0} %",
        "days": "{0} days",
        "money": "{0}",
    },
    counts={
        "points": ("{0} point", "{0} points"),
        "false_alarms": ("{0} false alarm", "{0} false alarms"),
        "alarms": ("{0} alarm, true or false", "{0} alarms, true and false"),
        "explained": (
            "; {0} more, explained by a change of ownership, does not count",
            "; {0} more, explained by a change of ownership, do not count",
        ),
        "others": ("and {0} other", "and {0} others"),
        "days": ("{0} day", "{0} days"),
        "comparisons": (
            "{0} comparison was tested for significance",
            "{0} comparisons were tested for significance",
        ),
    },
    verbs={
        "falls": ("has been falling", "have been falling"),
        "rises": ("has been rising", "have been rising"),
    },
    metrics={
        "nps": MetricName("NPS"),
        "csat": MetricName("CSAT"),
        "ces": MetricName("ease (CES)"),
        "referrals": MetricName("referrals a day", is_plural=True),
        "repeat_rate": MetricName("repeat purchase rate"),
        "retention": MetricName("retention"),
        "awareness": MetricName("awareness a day"),
        "traffic": MetricName("traffic a day"),
        "conversions": MetricName("conversions a day", is_plural=True),
        "conversion_rate": MetricName("conversion rate"),
    },
    belongs={
        "department": "of {0}",
        "company": "of the company",
        "nobody": "of touchpoints without an owner",
    },
    respondents={"department": "{0} staff", "role": "Respondents in the role {0}"},
    clauses={
        "passed": "Ownership of {touchpoint} passed from {other} to {department} {on}",
        "gained": "Ownership of {touchpoint}, until then without an owner, passed to {department} {on}",
        "lost": "Ownership of {touchpoint} by {other} ended {on}, and nobody took it over",
        "majority": "most believe {other} owns {touchpoint}",
        "plurality": "more name {other} as the owner of {touchpoint} than any other department",
        "majority_nobody": "most believe nobody owns {touchpoint}",
        "plurality_nobody": "more say that nobody owns {touchpoint} than name any one department",
        "minority": "opinions differ on who owns {touchpoint}",
    },
    texts={
        "change_hurt": "{change}; satisfaction fell compared with the touchpoints that kept their owner",
        "change_helped": "{change}; satisfaction rose compared with the touchpoints that kept their owner",
        "change_no_effect": "{change}; no effect on satisfaction beyond chance, given the number of comparisons",
        "change_unclear": (
            "{change}; the effect is unclear: too few days, or satisfaction was already moving before the change"
        ),
        "owner_changed": "{change}",
        "registry_changed": "Version {other} of the registry has been in force {since}",
        "drift_down": "{metric} {belongs} {verb} {since}",
        "drift_unclear": (
            "{metric} {belongs} has been in alarm {since}, but there is nothing to judge by: no observations in this "
            "period, or none to compare with"
        ),
        "drift_up": "{metric} {belongs} {verb} {since}",
        "moved_down": (
            "{metric} {belongs} {verb} {since}, mainly because touchpoints changed hands ({other}): they account for "
            "{against} of the change"
        ),
        "moved_up": (
            "{metric} {belongs} {verb} {since}, mainly because touchpoints changed hands ({other}): they account for "
            "{against} of the change"
        ),
        "two_accountable": "Several departments are accountable for {touchpoint}: {other}; there must be only one",
        "crowded": (
            "Too many cooks at {touchpoint} (owner: {department}): more effective owners than the policy allows "
            "({against})"
        ),
        "orphan": "Nobody owns {touchpoint}",
        "orphan_events": "Events that nobody owns",
        "new_silo": "A new silo: {department} owns most touchpoints, and customer service owns none",
        "no_responsibility": "{department} owns no touchpoint and contributes to none",
        "no_sponsor": "Touchpoints without an executive sponsor",
        "redundant_programs": (
            "Two programmes of different owners pursue the same metric at the same touchpoints: {other}"
        ),
        "opposed_programs": "Two programmes pull the same metric in opposite directions: {other}",
        "bad_hand_off": (
            "Customers handed over from {other} to {department} are less satisfied than those already with "
            "{department}, at the same touchpoints; the two departments should talk"
        ),
        "good_hand_off": (
            "Customers handed over from {other} to {department} are more satisfied than those already with "
            "{department}, at the same touchpoints"
        ),
        "hand_offs_unclear": "Pairs of departments with too few answers after a hand-off to draw a conclusion",
        "myopia": (
            "The short-term index of {department} rose by {points} in eight weeks while its long-term index fell"
        ),
        "weight_lived": "The targets give the long term {against} of the weight",
        "balance": "Long-term minus short-term index {belongs}",
        "expect_more": "Customers expect more than the target of {against} for {metric}",
        "expect_less": "Customers would be satisfied with less than the target of {against} for {metric}",
        "hidden_spend": "Share of the spend on the experience (in {other}) hidden in other budgets",
        "cost_per_promoter": "Spend for each promoter gained at {touchpoint}, in {other}",
        "mistaken_owner": "{respondents}: {belief}; the declared owner is {department}",
        "clear_lines": "Every touchpoint has exactly one accountable department, within the policy",
        "agreement": "Respondents name the declared owner",
        "on_target": "{department} reaches its targets in both terms",
        "confirmed": "Customers confirm that {department} closed their cases",
        "unwatched": "Metrics that are not watched for drift, because they have no baseline yet: {other}",
        "unheard": "Too few answers at {touchpoint} (owner: {department}) to say how satisfied customers are",
        "open_cases": "Open cases {belongs}, the oldest for {days}",
        "no_success_answers": "Nobody has asked customers what success would be",
        "no_ownership_answers": "Nobody has asked people who they think owns the touchpoints",
    },
    figures={
        "myopia": "a change of {0}",
        "weight_lived": "in practice (cases, spend, alerts) it gets {article}{0}",
        "expect_more": "half of them name at least {0}",
        "expect_less": "half of them name at most {0}",
        "mistaken_owner": "{article}{0} name it",
        "agreement": "{article}{0} of them",
        "on_target": "the lower index stands at {0}",
        "confirmed": "{article}{0} of those asked",
    },
)
