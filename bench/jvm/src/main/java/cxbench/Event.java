package cxbench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** An event, decoded by Jackson and held to the same rules as in cx-balance. */
record Event(
        @JsonProperty("event_id") String eventId, String source, String kind, String touchpoint,
        @JsonProperty("occurred_at") String occurredAt, String customer, String journey, Integer score,
        String amount, String currency, Long count, String segment, String region) {

    static final Map<String, Integer> KINDS = Map.ofEntries(
            Map.entry("awareness", 1), Map.entry("visit", 2), Map.entry("conversion", 3), Map.entry("nps", 4),
            Map.entry("csat", 5), Map.entry("ces", 6), Map.entry("referral", 7), Map.entry("repeat_purchase", 8),
            Map.entry("renewal", 9), Map.entry("churn", 10), Map.entry("contact", 11));
    private static final Map<String, int[]> SCORES =
            Map.of("nps", new int[] {0, 10}, "csat", new int[] {1, 5}, "ces", new int[] {1, 7});
    private static final Set<String> COUNTED = Set.of("awareness", "visit");
    private static final Set<String> PAID = Set.of("conversion", "repeat_purchase");
    private static final Pattern TOUCHPOINT = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*");
    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
    private static final Pattern AMOUNT = Pattern.compile("[0-9]+(\\.[0-9]{1,4})?");
    private static final BigDecimal MAX_AMOUNT = BigDecimal.TEN.pow(12);
    private static final long MAX_AGE_MS = 400L * 86_400_000, MAX_AHEAD_MS = 300_000;
    private static final int MAX_BYTES = 64 * 1024, KNOWN = 50_000;
    private static final Set<String> TOUCHPOINTS = ConcurrentHashMap.newKeySet();
    private static final ObjectReader READER = JsonMapper.builder()
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(Event.class);

    static Event read(byte[] value) throws Refused {
        if (value == null || value.length > MAX_BYTES) {
            throw new Refused(value == null ? "not_an_object" : "too_large");
        }
        try {
            return READER.readValue(value);
        } catch (JsonMappingException error) {
            throw new Refused(error.getCause() instanceof JacksonException || isCutOff(error) ? "not_json" : "bad_type");
        } catch (JsonProcessingException error) {
            throw new Refused("not_json");
        } catch (IOException error) {
            throw new Refused("not_json");
        }
    }

    /** Checks every rule; returns the instant, milliseconds since 1970. */
    long check(long timestampMs) throws Refused {
        text(eventId, 64, true);
        text(source, 64, true);
        text(kind, 64, true);
        text(touchpoint, 128, true);
        text(occurredAt, 64, true);
        text(customer, 128, false);
        text(journey, 64, false);
        text(segment, 64, false);
        text(region, 64, false);
        if (!KINDS.containsKey(kind)) {
            throw new Refused("unknown_kind");
        }
        checkFigures();
        if (!TOUCHPOINTS.contains(touchpoint)) {
            require(TOUCHPOINT.matcher(touchpoint).matches(), "bad_value");
            if (TOUCHPOINTS.size() < KNOWN) {
                TOUCHPOINTS.add(touchpoint);
            }
        }
        return checkTime(timestampMs);
    }

    BigDecimal money() {
        return amount == null ? null : new BigDecimal(amount);
    }

    private void checkFigures() throws Refused {
        int[] span = SCORES.get(kind);
        require(span == null ? score == null : score != null, span == null ? "bad_value" : "missing_field");
        require(span == null || (score >= span[0] && score <= span[1]), "score_out_of_range");
        require(count == null || (COUNTED.contains(kind) && count >= 1 && count <= 1_000_000_000), "bad_value");
        require((amount == null) == (currency == null), "missing_field");
        if (amount != null) {
            require(PAID.contains(kind) && CURRENCY.matcher(currency).matches(), "bad_value");
            require(AMOUNT.matcher(amount).matches() && money().compareTo(MAX_AMOUNT) < 0, "bad_value");
        }
    }

    private long checkTime(long timestampMs) throws Refused {
        long occurredMs;
        try {
            occurredMs = OffsetDateTime.parse(occurredAt).toInstant().toEpochMilli();
        } catch (DateTimeException error) {
            throw new Refused("bad_value");
        }
        require(occurredMs >= timestampMs - MAX_AGE_MS, "too_old");
        require(occurredMs <= timestampMs + MAX_AHEAD_MS, "in_future");
        return occurredMs;
    }

    private static void text(String text, int longest, boolean needed) throws Refused {
        if (text == null) {
            require(!needed, "missing_field");
        } else {
            require(!text.isEmpty() && text.length() <= longest, "bad_value");
        }
    }

    private static void require(boolean holds, String reason) throws Refused {
        if (!holds) {
            throw new Refused(reason);
        }
    }

    private static boolean isCutOff(Exception error) {
        return error.getMessage() != null && error.getMessage().contains("end-of-input");
    }
}
