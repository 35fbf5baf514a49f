package io.tinyllm.cache.snapshot;

import java.io.IOException;

/** Says that a file is no whole and unharmed snapshot of its cache. The message names neither keys nor values. */
final class BadSnapshotException extends IOException {

    private static final long serialVersionUID = 1L;

    BadSnapshotException(String reason) {
        super(reason);
    }

    BadSnapshotException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
