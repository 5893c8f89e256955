import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Properties;

/** Reads recorded balances with clickhouse-jdbc: see ../README.md for the arguments. */
public class Reader {
    public static void main(String[] args) throws SQLException {
        read(args[0], args[1], System.getenv("READER_PASSWORD"), args[2]);
    }

    // the example begins
    static void read(String address, String database, String password, String department) throws SQLException {
        var login = new Properties();
        login.put("user", "cx_reader");
        login.put("password", password);
        var query = """
            SELECT at, metric, value, n FROM balances_latest
            WHERE department = ? AND view = 'as_was' AND horizon = 'short'
            ORDER BY at, metric""";
        try (var connection = DriverManager.getConnection("jdbc:clickhouse://" + address + "/" + database, login);
                var statement = connection.prepareStatement(query)) {
            statement.setString(1, department);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    Instant at = rows.getObject(1, OffsetDateTime.class).toInstant();
                    Double value = rows.getObject(3, Double.class); // null: not known
                    report(at, rows.getString(2), value, rows.getLong(4));
                }
            }
        }
    }
    // the example ends

    static void report(Instant at, String metric, Double value, long n) {
        String text = value == null ? "" : String.format(Locale.ROOT, "%.3f", value);
        System.out.println(at.toEpochMilli() + "\t" + metric + "\t" + text + "\t" + n);
    }
}
