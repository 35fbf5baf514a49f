package io.tinyllm.cache.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains stored forms that contradict each other. */
final class InvalidStoredFormFailureAnalyzer extends AbstractFailureAnalyzer<InvalidStoredFormException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidStoredFormException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Keep one StoredForm bean for each type, and none for types that have a stored form of their own.",
                cause);
    }
}
