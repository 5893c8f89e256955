import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a record of each kind from lines of tab-separated names and values, and prints its key and its JSON. */
public final class Publish {
    public static void main(String[] arguments) throws Exception {
        var input = new String(System.in.readAllBytes(), "UTF-8");
        var out = new java.io.PrintStream(System.out, true, "UTF-8");
        for (String line : input.split("\n")) {
            Map<String, String> given = new LinkedHashMap<>();
            String[] cells = line.split("\t", -1);
            for (int at = 1; at < cells.length; at += 2) {
                given.put(cells[at], cells[at + 1]);
            }
            try {
                CxEvent event = made(cells[0], given);
                out.println(event.key() + "\t" + event.toJson());
            } catch (java.lang.reflect.InvocationTargetException refused) {
                out.println("refused\t" + refused.getCause().getMessage());
            }
        }
    }

    private static CxEvent made(String name, Map<String, String> given) throws Exception {
        var record = Class.forName("CxEvent$" + name);
        List<Class<?>> types = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (var component : record.getRecordComponents()) {
            types.add(component.getType());
            values.add(value(component.getType().getSimpleName(), given.get(component.getName())));
        }
        return (CxEvent) record.getDeclaredConstructor(types.toArray(Class[]::new)).newInstance(values.toArray());
    }

    private static Object value(String type, String text) {
        return text == null ? null : switch (type) {
            case "OffsetDateTime" -> OffsetDateTime.parse(text);
            case "BigDecimal" -> new BigDecimal(text);
            case "Long" -> Long.valueOf(text);
            case "Double" -> Double.valueOf(text);
            case "Boolean" -> Boolean.valueOf(text);
            default -> text;
        };
    }
}
