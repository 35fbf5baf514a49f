package io.tinyllm.cache.testing;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;

/**
 * Auto-configurations that an application of a test does without, of all that lie on the class path of the tests: with
 * half the beans it starts in half the time.
 */
public final class LeftOut {

    /** Models, databases and HTTP clients. */
    private static final String[] CLIENTS = {
        "org.springframework.ai.",
        "org.springframework.boot.jdbc.",
        "org.springframework.boot.persistence.",
        "org.springframework.boot.transaction.",
        "org.springframework.boot.restclient.",
        "org.springframework.boot.webclient."
    };

    private static final String PROPERTY = "spring.autoconfigure.exclude=";

    private LeftOut() {}

    /** The property that leaves out models, databases, HTTP clients and the packages that begin so. */
    public static String clientsAnd(String... more) {
        return ImportCandidates.load(AutoConfiguration.class, LeftOut.class.getClassLoader()).getCandidates().stream()
                .filter(name -> startsWith(name, CLIENTS) || startsWith(name, more))
                .collect(Collectors.joining(",", PROPERTY, ""));
    }

    private static boolean startsWith(String name, String[] beginnings) {
        return Arrays.stream(beginnings).anyMatch(name::startsWith);
    }
}
