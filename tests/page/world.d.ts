// What the page's views are given: the state in the address, and rows as the API answers them. Read by tsc alone.
type Horizon = "short" | "long";
type Names = Record<string, string>;

interface State {
  page: string; view: string; lang: string; theme: string;
  metric: string; department: string; reason: string; contains: string; at: string; other: string; since: string;
  range: string; by: string; sort: string;
}

interface Interval { ci_low: number | null; ci_high: number | null }
interface Figure extends Interval { value: number | null; n: number; n_eff: number; suppressed: string | null }

/** Of two figures; `isBeyond`: whether its interval excludes 0, null without an interval. */
interface Difference extends Interval { change: number | null; isBeyond: boolean | null }

interface Balance extends Figure {
  department: string; metric: string; horizon: Horizon; term: Horizon; view: string; at: string;
  last_at: string | null; sampled_one_in: number;
}

interface Scorecard {
  department: string; at: string; short_index: number | null; long_index: number | null; outcome_balance: number | null;
  weight_balance: number | null; short_index_customer: number | null; long_index_customer: number | null;
  short_metrics: number; short_targets: number; long_metrics: number; long_targets: number;
  short_ci_low: number | null; short_ci_high: number | null; short_n_eff: number | null;
  long_ci_low: number | null; long_ci_high: number | null; long_n_eff: number | null;
}

interface IndexChange { department: string; term: Horizon; before: number; now: number; change: number; ci_low: number; ci_high: number; beyond_noise: boolean }
interface Statement { kind: string; department: string; metric: string; tone: string; since: string | null; text: string; evidence: string; link: string }
interface Headline { at: string; compared_with: string; statements: Statement[]; nothing: string; omitted: number; changes: IndexChange[]; myopic: string[] }
interface DataAlarm { companion: string; department: string; touchpoint: string; last_at: string | null; before: number | null; after: number | null }
interface DataAlarms { at: string; alarms: DataAlarm[]; rejected: { reason: string; events: number; last_at: string }[] }

interface Contribution { group: string; before: number | null; after: number | null; change: number | null; share: number }
interface OwnerChange { at: string; touchpoint: string; from: string; to: string }

interface Drifting {
  department: string; metric: string; state: "up" | "down"; since: string; before: number | null; after: number | null;
  since_from: string | null; since_to: string | null;
  at: string; statistic: number; threshold: number; n_before: number; n_after: number; mix_moved: number;
  events_a_day_before: number; events_a_day_after: number; baseline_value: number; baseline_low: number; baseline_high: number;
  baseline_n: number; baseline_from: string; baseline_to: string;
  owner_changes: OwnerChange[]; contributions: Record<string, Contribution[]>;
}

interface DriftSeries { rows: Balance[]; error: string; from: string; happened: Happened[] }

interface Budget { detectors: number; expected_a_month: number; alarms: number; explained: number }

interface DriftChange {
  at: string; department: string; metric: string; state: string; since: string; statistic: number; threshold: number;
}

interface OwnershipPeriod { from: string | null; to: string | null; owner: string; shares: Record<string, number> }
interface TouchpointSlice {
  segment: string; region: string; kind: string; facet: string; owner: string; accountable: string[];
  shares: Record<string, number>; events: number; periods: OwnershipPeriod[];
}

interface TouchpointRow {
  slices: TouchpointSlice[]; touchpoint: string; stage: string | null; channel: string | null; owners: string[]; shares: string; sponsor: string;
  events: number; unowned: number; by_owner: Record<string, number>;
}

interface GovernanceRow extends Interval {
  measure: string; subject: string; unit: string; value: number; n: number; n_eff: number; uncertain: boolean;
  reason: string; week: number | null;
}

interface ReportSection {
  section: string; title: string; nothing: string; omitted: number;
  statements: { kind: string; tone: string; text: string; evidence: string; link: string; figure: number | null }[];
}

interface Rejected {
  rejected_at: string; reason: string; detail: string; topic: string; partition: number; offset: number; payload: string;
}

interface RejectedCount { reason: string; topic: string; partition: number; events: number; first_at: string; last_at: string }

interface Target {
  metric: string; department: string | null; floor: number; internal: number; customer: number | null;
  from: string | null; to: string | null;
}

interface Registry {
  valid: boolean; error: string; policy: string; timezone: string; targets: Target[]; other_targets: Target[]; horizons: Record<string, number>;
  departments: { id: string; name: string; office?: string }[];
  touchpoints: { id: string; name: Names; stage: string | null; channel: string | null }[];
}

interface Metric { name: string; unit: string; kinds: string[]; interval: string }
interface Sample { name: string; labels: Names; value: number }

/** All that the page has asked for; what a view does not need is not there while another one is shown. */
interface SurrogatePair {
  department: string; short: string; long: string; reading: string; reason: string; lag_weeks: number;
  rise: number; rise_unit: string; effect_unit: string; effect: number; effect_low: number; effect_high: number;
}

interface Finding { severity: "error" | "warning"; code: string; path: string; line: number | null; message: string; remedy: string }
interface MovedEvents { touchpoint: string; before: string; after: string; n: number }
interface MovedFigure { department: string; metric: string; horizon: Horizon; before: number | null; after: number | null; n: number }
interface Effects { at: string; since: string; view: string; events: MovedEvents[]; balances: MovedFigure[]; before: Scorecard[]; after: Scorecard[] }
interface WhatIf {
  errors: number; warnings: number; problems: Finding[]; version: string | null;
  departments: { id: string; name: string; office: string }[]; effects: Effects | null;
}

interface World {
  state: State; other: string; since: string; until: string;
  registry: Registry; catalogue: Metric[]; balances: Balance[]; scorecards: Scorecard[];
  headline: Headline | null; history: Scorecard[] | null; dataAlarms: DataAlarms | null; touchpointsLater: TouchpointRow[] | null;
  drifting: Drifting[]; changes: DriftChange[]; budget: Budget; touchpoints: TouchpointRow[]; governance: GovernanceRow[]; flow: GovernanceRow[] | null; report: { title: string; sections: ReportSection[] } | null; driftSeries: Record<string, DriftSeries>;
  surrogates: { pairs: SurrogatePair[] };
  trends: Answer<Balance>; breakdown: Answer<Balance>; happened: Answer<Happened>; answers: Answer<AnswersRow>; responses: Answer<ResponseRow>;
  registryText: { version: string; text: string };
  earlier: Balance[]; refused: Rejected[]; refusedSummary: RejectedCount[]; seen: { rows: { name: string; like: string; source: string; events: number }[] }; series: Sample[]; ready: { ready: boolean; reason?: string };
}

/** What was answered of a period, and to which question; null until it has come. */
type Answer<Row> = { rows: Row[]; error: string; of: string } | null;
interface Happened {
  at: string; kind: string; department: string; touchpoint: string; slice: string; metric: string; from: string; to: string; text: string;
}
interface AnswersRow {
  from: string; to: string; metric: string; n: number; suppressed: string; answers: { answer: string; n: number | null }[];
}
/** How many of the invitations to a survey were answered. */
interface ResponseRow extends Figure {
  from: string; to: string; department: string; touchpoint: string; answered: number; basis: string; open: number;
}
/** Something that happened, on the picture of a metric. */
interface Mark { at: string; kind: string; symbol: string; texts: string[] }
/** A metric of a department over a period: on the horizon of its term, and on the other one. */
interface Tile {
  metric: string; term: Horizon; rows: Balance[]; other: Balance[]; targets: Target[]; marks: Mark[]; from: string; to: string;
  drifting: Drifting | undefined; change: Difference & { first: number | null; since: string };
}

interface Shown { rows: object[]; nodes: any }

/** A module of views/: questions by the name that their answers have in World; `later` are those that take long, `NOT_YET` what stands for them. */
interface View {
  needs(at: string | null, wanted: State): Record<string, Promise<any>>;
  show(world: World): Shown;
  later?(at: string | null, wanted: State): Record<string, Promise<any>>;
  NOT_YET?: Partial<World>;
}
