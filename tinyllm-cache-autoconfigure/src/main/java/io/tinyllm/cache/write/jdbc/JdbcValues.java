package io.tinyllm.cache.write.jdbc;

import java.sql.Blob;
import java.sql.Clob;
import java.sql.SQLException;

/** Makes values of columns independent of their connection. Stateless. */
final class JdbcValues {

    private JdbcValues() {}

    /** The same value, independent of its connection. */
    static Object detached(Object column) throws SQLException {
        if (column instanceof Clob text) {
            return text.getSubString(1, Math.toIntExact(text.length()));
        }
        if (column instanceof Blob bytes) {
            return bytes.getBytes(1, Math.toIntExact(bytes.length()));
        }
        return column;
    }
}
