package io.tinyllm.cache.snapshot;

import java.io.IOException;

/** Says that a file is a snapshot, and of another version of the format: neither bad nor of use. */
final class OtherVersionException extends IOException {

    private static final long serialVersionUID = 1L;

    OtherVersionException(int version, int own) {
        super("it has version " + version + " of the format, and this release reads version " + own);
    }
}
