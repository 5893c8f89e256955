package cxbench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Checks records and gathers rows; refused ones go on to the dead letters.
 *
 * <p>Rows land when Kafka Streams punctuates: it then commits before it processes anything more, so that no offset is
 * committed whose row is still waiting. One thread: all its tasks share the rows.
 */
final class Ingest implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Duration PAUSE = Duration.ofMillis(100);
    private final Registry registry;
    private final Rows rows;
    private ProcessorContext<byte[], byte[]> context;

    Ingest(Registry registry, Rows rows) {
        this.registry = registry;
        this.rows = rows;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::land);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            Event event = Event.read(record.value());
            long occurredMs = event.check(record.timestamp());
            rows.add(event, occurredMs, registry.owner(event.touchpoint(), occurredMs), registry.version);
        } catch (Refused refused) {
            Record<byte[], byte[]> letter = record.withHeaders(record.headers());
            letter.headers().add("cx-reason", refused.getMessage().getBytes(StandardCharsets.US_ASCII));
            context.forward(letter);
        }
    }

    private void land(long nowMs) {
        if (rows.areEnough(nowMs)) {
            rows.land(nowMs);
        }
        if (rows.areEmpty()) {
            context.commit();
        }
    }
}
