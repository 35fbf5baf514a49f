package io.tinyllm.cache.write.jdbc;

import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;

/** The refusal of a database. The message names no key and no value; the cause is the database's own. */
public final class JdbcStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    JdbcStoreException(String message, SQLException cause) {
        super(message + ": SQL state " + cause.getSQLState(), cause);
    }

    /** Returns whether a row is there already: SQL state class 23, integrity constraints. */
    boolean isDuplicate() {
        return getCause() instanceof SQLException cause
                && (cause instanceof SQLIntegrityConstraintViolationException
                        || cause.getSQLState() != null && cause.getSQLState().startsWith("23"));
    }
}
