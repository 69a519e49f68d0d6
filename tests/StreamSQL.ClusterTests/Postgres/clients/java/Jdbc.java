// pgjdbc: `java -cp postgresql.jar Jdbc.java HOST PORT SCENARIO`. Every scenario makes its own streams and tables.

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

public class Jdbc {
  interface Work { void run() throws Exception; }

  static String url;

  public static void main(String[] args) throws Exception {
    url = "jdbc:postgresql://" + args[0] + ":" + args[1] + "/streamsql?user=test&ApplicationName=program";
    switch (args[2]) {
      case "connect" -> connect();
      case "values" -> values();
      case "changes" -> changes();
      case "errors" -> errors();
      case "push" -> push();
      case "metadata" -> metadata();
      case "everyQuestion" -> everyQuestion();
      default -> throw new IllegalArgumentException("no scenario " + args[2]);
    }
    System.out.println("pgjdbc: " + args[2] + " ok");
  }

  static Connection open(String more) throws SQLException { return DriverManager.getConnection(url + more); }

  static void equal(Object actual, Object expected) {
    if (!Objects.equals(actual, expected))
      throw new AssertionError(actual + ", not " + expected);
  }

  static void refused(String state, Work work) throws Exception {
    try {
      work.run();
    } catch (SQLException error) {
      equal(error.getSQLState(), state);
      return;
    }
    throw new AssertionError("not refused with " + state);
  }

  static String rows(ResultSet result) throws SQLException {
    StringBuilder text = new StringBuilder();
    int columns = result.getMetaData().getColumnCount();
    while (result.next()) {
      for (int i = 1; i <= columns; i++)
        text.append(i == 1 ? "" : "|").append(result.getString(i));
      text.append("\n");
    }
    result.close();
    return text.toString();
  }

  static String rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return rows(statement.executeQuery(sql));
    }
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static void make(Connection connection, String kind, String name) throws SQLException {
    String key = kind.equals("TABLE") ? "PRIMARY KEY" : "KEY";
    run(connection, "CREATE " + kind + " " + name + " (id BIGINT " + key + ", name VARCHAR, amount DOUBLE) WITH (KAFKA_TOPIC = '" + name
        + "', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
  }

  static void connect() throws Exception {
    try (Connection c = open("&options=-c%20statement_timeout=60000")) {
      equal(c.isValid(5), true);
      equal(c.getMetaData().getDatabaseProductName(), "PostgreSQL");
      equal(c.getMetaData().getDatabaseMajorVersion(), 15);
      equal(c.getSchema() + " " + c.getCatalog(), "public streamsql");
      equal(rows(c, "SHOW application_name"), "program\n");
      c.setClientInfo("ApplicationName", "other");
      equal(c.getClientInfo("ApplicationName"), "other");
      c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      equal(c.getTransactionIsolation(), Connection.TRANSACTION_SERIALIZABLE);
      c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      c.setReadOnly(true);
      c.setReadOnly(false);
      equal(rows(c, "SELECT pg_backend_pid()"), ((PGConnection) c).getBackendPID() + "\n");
      c.setAutoCommit(false);
      Savepoint savepoint = c.setSavepoint();
      refused("22012", () -> run(c, "SELECT 1/0"));
      refused("25P02", () -> run(c, "SELECT 1"));
      c.rollback(savepoint);
      equal(rows(c, "SELECT 1"), "1\n");
      c.commit();
    }
  }

  static void values() throws Exception {
    for (String mode : new String[] { "", "&prepareThreshold=-1", "&preferQueryMode=simple", "&binaryTransfer=false" }) {
      boolean simple = mode.contains("simple");
      try (Connection c = open(mode)) {
        PreparedStatement p = c.prepareStatement("SELECT ?::int, ?::text, ?::numeric(6, 2), ?::timestamptz, ?::date, ?::bytea, ?::float8, ?::bool, ?::text");
        for (int i = 0; i < 7; i++) { // from the sixth on the driver's own prepared statement is used, and binary
          p.setInt(1, i);
          p.setString(2, "it's \\ ü漢🎉");
          p.setBigDecimal(3, new BigDecimal("1.25"));
          p.setObject(4, OffsetDateTime.parse("2020-01-02T03:04:05Z"));
          p.setObject(5, LocalDate.of(2020, 1, 2));
          if (!simple) // the driver cannot write them into the text
            p.setBytes(6, new byte[] { 0, -1 });
          else
            p.setNull(6, Types.BINARY);
          p.setDouble(7, 1.5);
          p.setBoolean(8, true);
          p.setNull(9, Types.VARCHAR);
          ResultSet r = p.executeQuery();
          r.next();
          equal(r.getInt(1), i);
          equal(r.getString(2), "it's \\ ü漢🎉");
          equal(r.getBigDecimal(3), new BigDecimal("1.25"));
          equal(r.getObject(4, OffsetDateTime.class).toInstant(), OffsetDateTime.parse("2020-01-02T03:04:05Z").toInstant());
          equal(r.getObject(5, LocalDate.class), LocalDate.of(2020, 1, 2));
          equal(Arrays.toString(r.getBytes(6)), simple ? "null" : "[0, -1]");
          equal(r.getDouble(7), 1.5);
          equal(r.getBoolean(8), true);
          equal(r.getString(9), null);
        }
        p = c.prepareStatement("SELECT 1 WHERE 2 = ANY(?)");
        p.setArray(1, c.createArrayOf("bigint", new Long[] { 1L, 2L }));
        equal(rows(p.executeQuery()), "1\n");
        ResultSet r = c.createStatement().executeQuery("SELECT ARRAY[1, 2, 3], ARRAY['a', 'b,c']");
        r.next();
        equal(Arrays.toString((Object[]) r.getArray(1).getArray()) + Arrays.toString((Object[]) r.getArray(2).getArray()), "[1, 2, 3][a, b,c]");
      }
    }
    try (Connection c = open("")) {
      c.setAutoCommit(false);
      Statement s = c.createStatement();
      s.setFetchSize(10);
      ResultSet r = s.executeQuery("SELECT g FROM generate_series(1, 100) g");
      int count = 0;
      while (r.next())
        count++;
      equal(count, 100);
      s.execute("SELECT 1; SELECT 2");
      s.getMoreResults();
      equal(rows(s.getResultSet()), "2\n");
      equal(rows(c, "SELECT {fn lcase('ABC')}, {d '2020-01-01'}, {fn concat('a', 'b')}"), "abc|2020-01-01|ab\n");
    }
  }

  static void changes() throws Exception {
    try (Connection c = open(""); Connection rewriting = open("&reWriteBatchedInserts=true")) {
      make(c, "TABLE", "jdbc_changes");
      PreparedStatement p = c.prepareStatement("INSERT INTO jdbc_changes (id, name, amount) VALUES (?, ?, ?)");
      p.setLong(1, 1);
      p.setString(2, "a");
      p.setNull(3, Types.DOUBLE);
      equal(p.executeUpdate(), 1);
      PreparedStatement many = rewriting.prepareStatement("INSERT INTO jdbc_changes (id, name, amount) VALUES (?, ?, ?)");
      for (PreparedStatement batch : List.of(p, many)) {
        for (int i = 0; i < 100; i++) {
          batch.setLong(1, (batch == p ? 100 : 200) + i);
          batch.setString(2, "many");
          batch.setDouble(3, i);
          batch.addBatch();
        }
        equal(batch.executeBatch().length, 100);
      }
      Statement s = c.createStatement();
      equal(s.executeUpdate("UPDATE jdbc_changes SET name = 'z' WHERE id = 1"), 1);
      equal(s.executeUpdate("DELETE FROM jdbc_changes WHERE id = 100"), 1);
      equal(rows(c, "SELECT count(*), min(id) FROM jdbc_changes"), "200|1\n");
      ResultSetMetaData columns = s.executeQuery("SELECT id, name AS label FROM jdbc_changes WHERE id = 1").getMetaData();
      equal(columns.getColumnLabel(2) + " " + columns.getTableName(2) + " " + columns.getColumnTypeName(1), "label jdbc_changes int8");
      equal(columns.isNullable(1), ResultSetMetaData.columnNoNulls);
      CopyManager copy = new CopyManager((BaseConnection) c);
      equal(copy.copyIn("COPY jdbc_changes (id, name) FROM STDIN", new StringReader("1000\tx\n1001\t\\N\n")), 2L);
      StringWriter out = new StringWriter();
      copy.copyOut("COPY (SELECT id, name FROM jdbc_changes WHERE id >= 1000 ORDER BY id) TO STDOUT", out);
      equal(out.toString(), "1000\tx\n1001\t\\N\n");
    }
  }

  static void errors() throws Exception {
    try (Connection c = open("")) {
      refused("42P01", () -> run(c, "SELECT missing FROM nowhere"));
      refused("42601", () -> run(c, "SELEC 1"));
      refused("22P02", () -> run(c, "SELECT 'x'::int"));
      Statement s = c.createStatement();
      s.execute("DROP TABLE IF EXISTS jdbc_nothing");
      equal(s.getWarnings() != null, true);
      timesOut(s);
      equal(rows(c, "SELECT 1"), "1\n");
    }
  }

  /**
   * The driver counts from before it sends the statement. On a busy machine its cancel may come before the server has begun it, and meets nothing, as with
   * PostgreSQL: then the statement runs to its end, and has to be stopped by a longer timeout.
   */
  static void timesOut(Statement s) throws Exception {
    for (int seconds = 1; seconds < 12; seconds *= 3) {
      s.setQueryTimeout(seconds);
      long start = System.nanoTime();
      try {
        s.executeQuery("SELECT pg_sleep(12)");
      } catch (SQLException error) {
        equal(error.getSQLState(), "57014");
        return;
      }
      if (System.nanoTime() - start < 12_000_000_000L) throw new AssertionError("pg_sleep(12) ended early");
    }
    throw new AssertionError("no timeout of setQueryTimeout has stopped the statement");
  }

  static void push() throws Exception {
    try (Connection reader = open(""); Connection writer = open("")) {
      make(writer, "STREAM", "jdbc_push");
      reader.setAutoCommit(false);
      Statement s = reader.createStatement();
      s.setFetchSize(1);
      run(reader, "DECLARE live CURSOR FOR SELECT id FROM jdbc_push EMIT CHANGES");
      for (int i = 0; i < 3; i++) {
        run(writer, "INSERT INTO jdbc_push (id) VALUES (" + i + ")");
        equal(rows(reader, "FETCH 10 FROM live"), i + "\n");
      }
      run(reader, "CLOSE live");
      Thread cancelling = new Thread(() -> {
        try {
          Thread.sleep(300);
          run(writer, "INSERT INTO jdbc_push (id) VALUES (7)");
          Thread.sleep(300);
          run(writer, "SELECT pg_cancel_backend(" + ((PGConnection) reader).getBackendPID() + ")");
        } catch (Exception error) {
          throw new RuntimeException(error);
        }
      });
      cancelling.start();
      ResultSet live = s.executeQuery("SELECT id FROM jdbc_push EMIT CHANGES");
      equal(live.next() ? live.getLong(1) : -1, 7L);
      refused("57014", () -> live.next());
      cancelling.join();
      reader.rollback();
      equal(rows(reader, "SELECT 1"), "1\n");
    }
  }

  static Set<String> column(ResultSet result, String name) throws SQLException {
    Set<String> values = new TreeSet<>();
    while (result.next())
      values.add(result.getString(name));
    return values;
  }

  static void has(Set<String> values, String... wanted) {
    if (!values.containsAll(List.of(wanted)))
      throw new AssertionError(values + " lacks some of " + List.of(wanted));
  }

  /** Asks DatabaseMetaData all that it can be asked: each method without patterns, with wide ones, and with those of a table. */
  static void everyQuestion() throws Exception {
    try (Connection c = open("")) {
      make(c, "TABLE", "jdbc_every");
      DatabaseMetaData m = c.getMetaData();
      int asked = 0;
      for (java.lang.reflect.Method method : DatabaseMetaData.class.getDeclaredMethods()) {
        for (int round = 0; round < (method.getParameterCount() == 0 ? 1 : 3); round++) {
          try {
            Object answer = method.invoke(m, arguments(method, round));
            if (answer instanceof ResultSet) rows((ResultSet) answer);
            asked++;
          } catch (java.lang.reflect.InvocationTargetException e) {
            // The driver itself does not have these, or not without the name of a table.
            if (!(e.getCause() instanceof SQLFeatureNotSupportedException || e.getCause() instanceof NullPointerException && round == 0))
              throw new AssertionError(method.getName() + " " + round, e.getCause());
          }
        }
      }
      equal(asked > 200, true);
      has(column(m.getIndexInfo(null, "public", "jdbc_every", false, false), "COLUMN_NAME"), "id");
      has(column(m.getPrimaryKeys(null, "public", "jdbc_every"), "COLUMN_NAME"), "id");
      equal(column(m.getFunctionColumns(null, null, "abs", "%"), "FUNCTION_NAME").isEmpty(), false);
    }
  }

  static Object[] arguments(java.lang.reflect.Method method, int round) {
    Class<?>[] types = method.getParameterTypes();
    boolean namesTable = method.getName().matches("get(PrimaryKeys|IndexInfo|ImportedKeys|ExportedKeys|BestRowIdentifier|VersionColumns|.*Privileges)");
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      if (types[i] == String.class && i > 0 && round > 0)
        arguments[i] = i == 1 ? "public" : i == 2 && (namesTable || round == 2) ? "jdbc_every" : "%";
      else if (types[i] == boolean.class) arguments[i] = false;
      else if (types[i] == int.class) arguments[i] = method.getName().equals("supportsConvert") ? Types.INTEGER : ResultSet.TYPE_FORWARD_ONLY;
    }
    if (method.getName().equals("getBestRowIdentifier")) arguments[3] = DatabaseMetaData.bestRowSession;
    return arguments;
  }

  static void metadata() throws Exception {
    try (Connection c = open("")) {
      make(c, "TABLE", "jdbc_meta");
      run(c, "CREATE TABLE jdbc_view AS SELECT name, COUNT(*) AS n FROM jdbc_meta GROUP BY name EMIT CHANGES");
      DatabaseMetaData m = c.getMetaData();
      has(column(m.getSchemas(), "TABLE_SCHEM"), "public", "pg_catalog", "information_schema", "streamsql");
      has(column(m.getCatalogs(), "TABLE_CAT"), "streamsql");
      has(column(m.getTableTypes(), "TABLE_TYPE"), "TABLE", "VIEW", "MATERIALIZED VIEW");
      has(column(m.getTables(null, "public", "jdbc%", new String[] { "TABLE" }), "TABLE_NAME"), "jdbc_meta");
      has(column(m.getTables(null, "public", "jdbc%", new String[] { "MATERIALIZED VIEW" }), "TABLE_NAME"), "jdbc_view");
      has(column(m.getTables(null, "streamsql", "%", new String[] { "VIEW" }), "TABLE_NAME"), "queries", "topics");
      has(column(m.getTypeInfo(), "TYPE_NAME"), "int8", "text", "timestamptz", "numeric", "_text");
      has(column(m.getFunctions(null, null, "abs"), "FUNCTION_NAME"), "abs");
      has(column(m.getTablePrivileges(null, "public", "jdbc_meta"), "PRIVILEGE"), "SELECT", "INSERT");
      has(column(m.getColumnPrivileges(null, "public", "jdbc_meta", "id"), "PRIVILEGE"), "SELECT");
      equal(rows(m.getImportedKeys(null, "public", "jdbc_meta")), "");
      equal(rows(m.getExportedKeys(null, "public", "jdbc_meta")), "");
      equal(rows(m.getVersionColumns(null, "public", "jdbc_meta")).isEmpty(), false);
      m.getUDTs(null, null, "%", null).close();
      m.getProcedures(null, null, "abs").close();
      m.getSQLKeywords();
    }
  }
}
