package cxbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Who owned a touchpoint when: the rules of the benchmark's registry, which has exact patterns and no filters. */
final class Registry {
    final String version;
    private final Map<String, TreeMap<Long, String>> timelines = new HashMap<>();

    private Registry(String version) {
        this.version = version;
    }

    static Registry read(Path file) throws IOException {
        JsonNode root = new TomlMapper().readTree(file.toFile());
        Registry found = new Registry(root.get("version").asText());
        for (JsonNode rule : root.get("ownership")) {
            TreeMap<Long, String> owners =
                    found.timelines.computeIfAbsent(rule.get("touchpoint").asText(), any -> new TreeMap<>());
            owners.put(ms(rule.get("from")), rule.get("owner").asText());
            if (rule.has("to")) {
                owners.putIfAbsent(ms(rule.get("to")), "unowned");
            }
        }
        return found;
    }

    String owner(String touchpoint, long occurredMs) {
        TreeMap<Long, String> owners = timelines.get(touchpoint);
        Map.Entry<Long, String> entry = owners == null ? null : owners.floorEntry(occurredMs);
        return entry == null ? "unowned" : entry.getValue();
    }

    private static long ms(JsonNode date) {
        return LocalDate.parse(date.asText()).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }
}
