package io.tinyllm.cache.disk.owned;

import java.io.IOException;

/** A directory that another process, or another part of this one, owns at present. */
public final class DirectoryInUseException extends IOException {

    private static final long serialVersionUID = 1L;

    DirectoryInUseException(String message) {
        super(message);
    }
}
