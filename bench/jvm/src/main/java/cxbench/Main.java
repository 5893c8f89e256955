package cxbench;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** The JVM contestant: Kafka Streams, Jackson, and large RowBinary inserts over HTTP. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Job job = Job.told();
        Registry registry = Registry.read(job.registry());
        Rows rows = new Rows(job);
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(job.topic(), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .process(() -> new Ingest(registry, rows))
                .to(job.dlq(), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        Stopwatch watch = new Stopwatch();
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(job));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        while (System.in.read() != -1) {
            // Whoever started us says when the job is done.
        }
        watch.report();
    }

    private static Properties settings(Job job) {
        Properties settings = new Properties();
        settings.putAll(Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG, job.group(),
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.broker(),
                StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1,
                StreamsConfig.STATE_DIR_CONFIG, job.scratch(),
                // A commit happens when rows have landed and Ingest asks for it, never by the clock alone.
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 24 * 3_600_000L,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20));
        return settings;
    }
}
