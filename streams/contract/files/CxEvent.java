// Made from the JSON Schemas of events, version 1, by `make schemas`. Do not edit.
// Needs Java 17 and no library. To have it in a package of yours, put a package line first.

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An event, as services publish it. A component that is null is left out of the JSON.
 *
 * <p>A record that breaks a rule cannot be made: its constructor throws an IllegalArgumentException with
 * the field's name.
 */
public sealed interface CxEvent {
    /** The fields that are there, by their names in JSON. */
    Map<String, Object> fields();

    /** The key of the event's record: the customer, or the event's id where there is none. */
    default String key() {
        Object customer = fields().get("customer");
        boolean isNobody = customer == null || customer.equals("");
        return (String) (isNobody ? fields().get("event_id") : customer);
    }

    /** The value of the event's record, to be sent as UTF-8. */
    default String toJson() {
        return CxEventRules.json(fields());
    }

    /** awareness: people noticed the company: impressions, mentions. */
    record Awareness(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, Long count, String segment, String region)
            implements CxEvent {
        public Awareness {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.range(count, "count", new BigDecimal("1"), new BigDecimal("1000000000"), false);
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "awareness");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("count", count);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** visit: people came: to a page, a shop, a stand. */
    record Visit(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, Long count, String segment, String region)
            implements CxEvent {
        public Visit {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.range(count, "count", new BigDecimal("1"), new BigDecimal("1000000000"), false);
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "visit");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("count", count);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** conversion: a visitor became a customer: a first purchase. */
    record Conversion(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, BigDecimal amount, String currency, String segment, String region)
            implements CxEvent {
        public Conversion {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.amount(amount, "amount", "^0*[0-9]{1,12}(\\.[0-9]{1,4}0*)?$");
            CxEventRules.pattern(currency, "currency", "^[A-Z]{3}$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.both(amount, currency, "amount and currency");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "conversion");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("amount", amount);
            fields.put("currency", currency);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** nps: an answer to "how likely are you to recommend us?". */
    record Nps(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, Long score, String segment, String region)
            implements CxEvent {
        public Nps {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(score, "score");
            CxEventRules.range(score, "score", new BigDecimal("0"), new BigDecimal("10"), false);
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "nps");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("score", score);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** csat: an answer to "how satisfied are you?". */
    record Csat(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, Long score, String segment, String region)
            implements CxEvent {
        public Csat {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(score, "score");
            CxEventRules.range(score, "score", new BigDecimal("1"), new BigDecimal("5"), false);
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "csat");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("score", score);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** ces: an answer to "how easy was it?", higher is easier. */
    record Ces(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, Long score, String segment, String region)
            implements CxEvent {
        public Ces {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(score, "score");
            CxEventRules.range(score, "score", new BigDecimal("1"), new BigDecimal("7"), false);
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "ces");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("score", score);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** referral: a customer recommended the company to somebody. */
    record Referral(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region)
            implements CxEvent {
        public Referral {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "referral");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** repeat_purchase: a customer bought again. */
    record RepeatPurchase(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, BigDecimal amount, String currency, String segment, String region)
            implements CxEvent {
        public RepeatPurchase {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.amount(amount, "amount", "^0*[0-9]{1,12}(\\.[0-9]{1,4}0*)?$");
            CxEventRules.pattern(currency, "currency", "^[A-Z]{3}$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.both(amount, currency, "amount and currency");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "repeat_purchase");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("amount", amount);
            fields.put("currency", currency);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** renewal: a customer renewed a contract or a subscription. */
    record Renewal(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region)
            implements CxEvent {
        public Renewal {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "renewal");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** churn: a customer left. */
    record Churn(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region)
            implements CxEvent {
        public Churn {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "churn");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** contact: an interaction without a figure. */
    record Contact(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region)
            implements CxEvent {
        public Contact {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "contact");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** ownership_answer: "who owns this touchpoint?". */
    record OwnershipAnswer(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region, String answer, String role, String facet)
            implements CxEvent {
        public OwnershipAnswer {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(answer, "answer");
            CxEventRules.pattern(answer, "answer", "^([a-z0-9_-]+|nobody|don't know)$");
            CxEventRules.required(role, "role");
            CxEventRules.length(role, "role", 1, 64);
            CxEventRules.pattern(role, "role", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.option(facet, "facet", List.of("voice", "delivery", "oversight"));
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "ownership_answer");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            fields.put("answer", answer);
            fields.put("role", role);
            fields.put("facet", facet);
            return fields;
        }
    }

    /** success_answer: "what would success be for you?", asked of customers. */
    record SuccessAnswer(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region, String metric, Double value)
            implements CxEvent {
        public SuccessAnswer {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(metric, "metric");
            CxEventRules.option(metric, "metric", List.of("nps", "csat", "ces", "referrals", "repeat_rate", "retention", "awareness", "traffic", "conversions", "conversion_rate"));
            CxEventRules.required(value, "value");
            CxEventRules.range(value, "value", new BigDecimal("-1000000000000"), new BigDecimal("1000000000000"), true);
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "success_answer");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            fields.put("metric", metric);
            fields.put("value", value);
            return fields;
        }
    }

    /** spend: money spent on the touchpoint. */
    record Spend(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, BigDecimal amount, String currency, String segment, String region, String category)
            implements CxEvent {
        public Spend {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(amount, "amount");
            CxEventRules.amount(amount, "amount", "^0*[0-9]{1,12}(\\.[0-9]{1,4}0*)?$");
            CxEventRules.required(currency, "currency");
            CxEventRules.pattern(currency, "currency", "^[A-Z]{3}$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(category, "category");
            CxEventRules.length(category, "category", 1, 64);
            CxEventRules.pattern(category, "category", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.both(amount, currency, "amount and currency");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "spend");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("amount", amount);
            fields.put("currency", currency);
            fields.put("segment", segment);
            fields.put("region", region);
            fields.put("category", category);
            return fields;
        }
    }

    /** case_opened: a customer's problem is open. */
    record CaseOpened(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region, String caseId)
            implements CxEvent {
        public CaseOpened {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(caseId, "case_id");
            CxEventRules.length(caseId, "case_id", 1, 64);
            CxEventRules.pattern(caseId, "case_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "case_opened");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            fields.put("case_id", caseId);
            return fields;
        }
    }

    /** case_closed: a customer's problem is closed. */
    record CaseClosed(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region, String caseId, Boolean resolved,
            Boolean confirmedByCustomer)
            implements CxEvent {
        public CaseClosed {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(caseId, "case_id");
            CxEventRules.length(caseId, "case_id", 1, 64);
            CxEventRules.pattern(caseId, "case_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(resolved, "resolved");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "case_closed");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            fields.put("case_id", caseId);
            fields.put("resolved", resolved);
            fields.put("confirmed_by_customer", confirmedByCustomer);
            return fields;
        }
    }

    /** survey_sent: a customer was invited to answer a survey about the touchpoint. */
    record SurveySent(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region)
            implements CxEvent {
        public SurveySent {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(touchpoint, "touchpoint");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "survey_sent");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            return fields;
        }
    }

    /** note: what happened, for whoever reads a trend: "Campaign began". */
    record Note(
            String eventId, String source, String touchpoint, OffsetDateTime occurredAt, String customer,
            String journey, String segment, String region, String text, String department)
            implements CxEvent {
        public Note {
            CxEventRules.required(eventId, "event_id");
            CxEventRules.length(eventId, "event_id", 1, 64);
            CxEventRules.pattern(eventId, "event_id", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(source, "source");
            CxEventRules.length(source, "source", 1, 64);
            CxEventRules.pattern(source, "source", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(touchpoint, "touchpoint", 1, 128);
            CxEventRules.pattern(touchpoint, "touchpoint", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$");
            CxEventRules.required(occurredAt, "occurred_at");
            CxEventRules.length(customer, "customer", 0, 128);
            CxEventRules.pattern(customer, "customer", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(journey, "journey", 1, 64);
            CxEventRules.pattern(journey, "journey", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(segment, "segment", 1, 64);
            CxEventRules.pattern(segment, "segment", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.length(region, "region", 1, 64);
            CxEventRules.pattern(region, "region", "^[^\\x00-\\x1f\\x7f-\\x9f]*$");
            CxEventRules.required(text, "text");
            CxEventRules.length(text, "text", 1, 500);
            CxEventRules.pattern(department, "department", "^[a-z0-9_-]+$");
        }

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("event_id", eventId);
            fields.put("source", source);
            fields.put("kind", "note");
            fields.put("touchpoint", touchpoint);
            fields.put("occurred_at", occurredAt);
            fields.put("customer", customer);
            fields.put("journey", journey);
            fields.put("segment", segment);
            fields.put("region", region);
            fields.put("text", text);
            fields.put("department", department);
            return fields;
        }
    }
}

/** The rules of fields, and how they become JSON. */
final class CxEventRules {
    private CxEventRules() {}

    static void check(boolean holds, String field, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(field + " must be " + rule);
        }
    }

    static void required(Object value, String field) {
        check(value != null, field, "there");
    }

    static void length(String value, String field, int least, int most) {
        int length = value == null ? least : value.codePointCount(0, value.length());
        check(length >= least && length <= most, field, least + " to " + most + " characters long");
    }

    static void pattern(String value, String field, String pattern) {
        check(value == null || value.matches(pattern), field, "a text that matches " + pattern);
    }

    static void option(String value, String field, List<String> options) {
        check(value == null || options.contains(value), field, "one of " + options);
    }

    static void range(Number value, String field, BigDecimal least, BigDecimal most, boolean within) {
        if (value != null) {
            check(Double.isFinite(value.doubleValue()), field, "a number");
            BigDecimal number = new BigDecimal(value.toString());
            boolean low = within ? number.compareTo(least) > 0 : number.compareTo(least) >= 0;
            boolean high = within ? number.compareTo(most) < 0 : number.compareTo(most) <= 0;
            check(low && high, field, (within ? "between " : "from ") + least + (within ? " and " : " to ") + most);
        }
    }

    static void amount(BigDecimal value, String field, String pattern) {
        String rule = "at least 0, below 10^12, with at most 4 decimals";
        check(value == null || value.toPlainString().matches(pattern), field, rule);
    }

    static void both(Object one, Object other, String fields) {
        check((one == null) == (other == null), fields, "there both or not at all");
    }

    static String json(Map<String, Object> fields) {
        StringBuilder json = new StringBuilder("{");
        fields.forEach((name, value) -> {
            if (value != null) {
                json.append(json.length() > 1 ? "," : "").append(text(name)).append(':').append(value(value));
            }
        });
        return json.append('}').toString();
    }

    private static String value(Object value) {
        if (value instanceof BigDecimal amount) {
            return text(amount.toPlainString());
        }
        if (value instanceof OffsetDateTime at) {
            return text(at.toInstant().toString());
        }
        return value instanceof String string ? text(string) : value.toString();
    }

    private static String text(String value) {
        StringBuilder json = new StringBuilder("\"");
        for (char unit : value.toCharArray()) {
            boolean escaped = unit < ' ' || unit == '"' || unit == '\\';
            json.append(escaped ? String.format("\\u%04x", (int) unit) : String.valueOf(unit));
        }
        return json.append('"').toString();
    }
}
