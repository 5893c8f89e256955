// Made from the JSON Schema of events, version 1, by `make schemas`. Do not edit.
// `never` marks a field that is rejected; a field that is optional is left out where it is not known, never null.

/**
 * An event of any kind. For messages that name the fault, use the schema of its kind.
 */
export type CxEvent =
  | AwarenessEvent
  | VisitEvent
  | ConversionEvent
  | NpsEvent
  | CsatEvent
  | CesEvent
  | ReferralEvent
  | RepeatPurchaseEvent
  | RenewalEvent
  | ChurnEvent
  | ContactEvent
  | OwnershipAnswerEvent
  | SuccessAnswerEvent
  | SpendEvent
  | CaseOpenedEvent
  | CaseClosedEvent
  | SurveySentEvent
  | NoteEvent;

/**
 * awareness: people noticed the company: impressions, mentions.
 */
export interface AwarenessEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "awareness";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  /**
   * awareness and visit only: how many an event stands for
   */
  count?: number;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * visit: people came: to a page, a shop, a stand.
 */
export interface VisitEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "visit";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  /**
   * awareness and visit only: how many an event stands for
   */
  count?: number;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * conversion: a visitor became a customer: a first purchase.
 */
export interface ConversionEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "conversion";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  /**
   * with conversion and repeat_purchase, both or none; required with spend; at least 0, below 10^12, at most 4 decimals by value
   */
  amount?: string | number;
  /**
   * three capital letters, with an amount
   */
  currency?: string;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * nps: an answer to "how likely are you to recommend us?".
 */
export interface NpsEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "nps";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  /**
   * nps 0 to 10, csat 1 to 5, ces 1 to 7: required there, rejected elsewhere
   */
  score: number;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * csat: an answer to "how satisfied are you?".
 */
export interface CsatEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "csat";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  /**
   * nps 0 to 10, csat 1 to 5, ces 1 to 7: required there, rejected elsewhere
   */
  score: number;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * ces: an answer to "how easy was it?", higher is easier.
 */
export interface CesEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "ces";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  /**
   * nps 0 to 10, csat 1 to 5, ces 1 to 7: required there, rejected elsewhere
   */
  score: number;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * referral: a customer recommended the company to somebody.
 */
export interface ReferralEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "referral";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * repeat_purchase: a customer bought again.
 */
export interface RepeatPurchaseEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "repeat_purchase";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  /**
   * with conversion and repeat_purchase, both or none; required with spend; at least 0, below 10^12, at most 4 decimals by value
   */
  amount?: string | number;
  /**
   * three capital letters, with an amount
   */
  currency?: string;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * renewal: a customer renewed a contract or a subscription.
 */
export interface RenewalEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "renewal";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * churn: a customer left.
 */
export interface ChurnEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "churn";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * contact: an interaction without a figure.
 */
export interface ContactEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "contact";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * ownership_answer: "who owns this touchpoint?".
 */
export interface OwnershipAnswerEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "ownership_answer";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  /**
   * a department's id, `nobody` or `don't know`
   */
  answer: string;
  /**
   * what the respondent does
   */
  role: string;
  /**
   * `voice`, `delivery` or `oversight`
   */
  facet?: "voice" | "delivery" | "oversight";
  [k: string]: unknown;
}
/**
 * success_answer: "what would success be for you?", asked of customers.
 */
export interface SuccessAnswerEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "success_answer";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  /**
   * the name of a metric
   */
  metric:
    | "nps"
    | "csat"
    | "ces"
    | "referrals"
    | "repeat_rate"
    | "retention"
    | "awareness"
    | "traffic"
    | "conversions"
    | "conversion_rate";
  /**
   * a number in its unit
   */
  value: number;
  [k: string]: unknown;
}
/**
 * spend: money spent on the touchpoint.
 */
export interface SpendEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "spend";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  /**
   * with conversion and repeat_purchase, both or none; required with spend; at least 0, below 10^12, at most 4 decimals by value
   */
  amount: string | number;
  /**
   * three capital letters, with an amount
   */
  currency: string;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  /**
   * what it was spent on
   */
  category: string;
  [k: string]: unknown;
}
/**
 * case_opened: a customer's problem is open.
 */
export interface CaseOpenedEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "case_opened";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  /**
   * the same when it is opened and closed
   */
  case_id: string;
  [k: string]: unknown;
}
/**
 * case_closed: a customer's problem is closed.
 */
export interface CaseClosedEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "case_closed";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  /**
   * the same when it is opened and closed
   */
  case_id: string;
  /**
   * true or false
   */
  resolved: boolean;
  /**
   * true or false
   */
  confirmed_by_customer?: boolean;
  [k: string]: unknown;
}
/**
 * survey_sent: a customer was invited to answer a survey about the touchpoint.
 */
export interface SurveySentEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "survey_sent";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  [k: string]: unknown;
}
/**
 * note: what happened, for whoever reads a trend: "Campaign began".
 */
export interface NoteEvent {
  /**
   * required; unique within the source, and the same when sent again; so is `occurred_at`
   */
  event_id: string;
  /**
   * required; the publishing service
   */
  source: string;
  /**
   * required
   */
  kind: "note";
  /**
   * required, but of a note; a dotted lower-case id: letters a to z, digits, `_` and `-`
   */
  touchpoint?: string;
  /**
   * required; at most 5 minutes after and 400 days before the record's Kafka timestamp
   */
  occurred_at: string;
  /**
   * kept only as a keyed hash; leave it out where there is none, see nobody
   */
  customer?: string;
  /**
   * groups the steps of one journey
   */
  journey?: string;
  score?: never;
  amount?: never;
  currency?: never;
  count?: never;
  /**
   * dimensions that ownership rules may filter on
   */
  segment?: string;
  /**
   * dimensions that ownership rules may filter on
   */
  region?: string;
  /**
   * 1 to 500 characters
   */
  text: string;
  /**
   * the id of one
   */
  department?: string;
  [k: string]: unknown;
}
