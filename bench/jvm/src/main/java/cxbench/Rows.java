package cxbench;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Rows in ClickHouse's RowBinary, inserted in large batches. */
final class Rows {
    private static final int ENOUGH = 60_000, LONGEST_ROW = 8_192;
    private static final long LINGER_MS = 500;
    private static final byte[] KEY = "b".repeat(32).getBytes(StandardCharsets.US_ASCII);
    private static final String INSERT = "INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, customer,"
            + " journey, score, amount, currency, count, segment, region, department, registry_version)"
            + " FORMAT RowBinary";
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpRequest.Builder request;
    private final Mac mac;
    private final String keyId;
    private ByteBuffer buffer = ByteBuffer.allocate(16 << 20).order(ByteOrder.LITTLE_ENDIAN);
    private int count;
    private long landedMs = System.currentTimeMillis();

    Rows(Job job) throws GeneralSecurityException {
        String query = URLEncoder.encode(INSERT, StandardCharsets.UTF_8);
        request = HttpRequest.newBuilder(URI.create(
                        job.storeUrl() + "/?async_insert=0&database=" + job.database() + "&query=" + query))
                .header("X-ClickHouse-User", job.user())
                .header("X-ClickHouse-Key", job.password());
        mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
        keyId = HexFormat.of().formatHex(mac.doFinal("cx-balance key id".getBytes(StandardCharsets.US_ASCII)), 0, 4);
    }

    void add(Event event, long occurredMs, String department, String version) {
        if (buffer.remaining() < LONGEST_ROW) {
            buffer = ByteBuffer.allocate(2 * buffer.capacity()).order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
        }
        text(event.eventId());
        text(event.source());
        buffer.put((byte) (int) Event.KINDS.get(event.kind()));
        text(event.touchpoint());
        buffer.putLong(occurredMs);
        text(event.customer() == null ? "" : pseudonym(event.customer()));
        text(event.journey());
        if (event.score() == null) {
            buffer.put((byte) 1);
        } else {
            buffer.put((byte) 0).put((byte) (int) event.score());
        }
        amount(event.money());
        text(event.currency());
        buffer.putInt(event.count() == null ? 1 : (int) (long) event.count());
        text(event.segment());
        text(event.region());
        text(department);
        text(version);
        count++;
    }

    boolean areEnough(long nowMs) {
        return count >= ENOUGH || (count > 0 && nowMs - landedMs >= LINGER_MS);
    }

    boolean areEmpty() {
        return count == 0;
    }

    void land(long nowMs) {
        try {
            HttpResponse<String> answer = client.send(
                    request.copy().POST(BodyPublishers.ofByteArray(buffer.array(), 0, buffer.position())).build(),
                    BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the store refused: " + answer.body());
            }
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException("the store does not answer", error);
        }
        buffer.clear();
        count = 0;
        landedMs = nowMs;
    }

    private String pseudonym(String customer) {
        byte[] digest = mac.doFinal(customer.getBytes(StandardCharsets.UTF_8));
        return keyId + "-" + HexFormat.of().formatHex(Arrays.copyOf(digest, 16));
    }

    private void amount(BigDecimal amount) {
        if (amount == null) {
            buffer.put((byte) 1);
        } else {
            buffer.put((byte) 0).putLong(amount.movePointRight(4).longValueExact());
        }
    }

    private void text(String text) {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length;
        while (length > 127) {
            buffer.put((byte) (length & 127 | 128));
            length >>>= 7;
        }
        buffer.put((byte) length).put(bytes);
    }
}
