package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.snapshot.SnapshotException;
import io.tinyllm.cache.write.JournalException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Explains a directory that cannot be used: the message of either exception names the property. */
final class CacheDirectoryFailureAnalyzer implements FailureAnalyzer {

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SnapshotException || cause instanceof JournalException) {
                return new FailureAnalysis(
                        String.valueOf(cause.getMessage()),
                        "Choose a directory that this application can write to and no other uses, or stop the "
                                + "other application.",
                        cause);
            }
        }
        return null;
    }
}
