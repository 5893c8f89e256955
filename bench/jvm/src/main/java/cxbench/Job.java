package cxbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the events are and where they go, as the environment says. */
record Job(
        String broker, String topic, String dlq, String group, String scratch,
        String storeUrl, String user, String password, String database, Path registry) {

    static Job told() throws IOException {
        JsonNode told = new ObjectMapper().readTree(System.getenv("BENCH_JOB"));
        JsonNode store = told.get("store");
        return new Job(
                told.get("broker").asText(), told.get("topic").asText(), told.get("dlq").asText(),
                told.get("group").asText(), Files.createTempDirectory("cxbench").toString(),
                store.get("url").asText(), store.get("user").asText(), store.get("password").asText(),
                store.get("database").asText(), Path.of(told.get("registry").asText()));
    }
}
