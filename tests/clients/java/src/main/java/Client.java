import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes events with kafka-clients, and reads them back: see ../README.md for the arguments. */
public class Client {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("publish")) {
            publish(args[1], args[2], args[3], args[4]);
        } else {
            consume(args[1], args[2], args[3], Integer.parseInt(args[4]));
        }
    }

    // the example begins
    static void publish(String brokers, String topic, String codec, String acks) throws Exception {
        var config = new Properties();
        config.put("bootstrap.servers", brokers);
        config.put("compression.type", codec);
        config.put("enable.idempotence", acks.equals("idempotent")); // true by default
        config.put("acks", acks.equals("idempotent") ? "all" : acks);
        var events = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (String line = events.readLine(); line != null; line = events.readLine()) {
                String[] parts = line.split("\t", 2); // the customer, and the event
                producer.send(new ProducerRecord<>(topic, parts[0], parts[1]), (metadata, error) -> {
                    if (error != null) {
                        error.printStackTrace(); // of a service: note it, and send the event again
                        System.exit(1);
                    }
                });
            }
        } // close() sends what waits
    }
    // the example ends

    static void consume(String brokers, String topic, String group, int count) {
        var config = new Properties();
        config.put("bootstrap.servers", brokers);
        config.put("group.id", group);
        config.put("auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            for (int read = 0; read < count; ) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(record.value());
                    read++;
                }
            }
            consumer.commitSync();
        }
    }
}
