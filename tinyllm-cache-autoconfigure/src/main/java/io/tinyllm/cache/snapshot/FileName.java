package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.disk.owned.SafeName;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a snapshot file: {@code <cache>-<generation>.jsonl}, then {@code .gz} if it is compressed, then what is
 * special about it. The name of the cache is written so that two caches never share a file, on file systems that
 * ignore case neither, and that no name leads out of the directory.
 *
 * @param cache the encoded name of the cache
 * @param generation its number
 * @param compressed whether it is compressed
 * @param kind what it is
 */
record FileName(String cache, long generation, boolean compressed, Kind kind) {

    private static final Pattern NAME =
            Pattern.compile("([a-z0-9_%~-]{1,200})-([0-9]{1,18})\\.jsonl(\\.gz)?(\\.tmp|\\.corrupt)?");

    /** The kind of a file. */
    enum Kind {
        SNAPSHOT(""),
        TEMPORARY(".tmp"),
        CORRUPT(".corrupt");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }
    }

    /** The parts of a file's name, null if it is no file of ours. */
    static @Nullable FileName parse(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return null;
        }
        Kind kind = Kind.SNAPSHOT;
        for (Kind each : Kind.values()) {
            if (each.suffix.equals(matcher.group(4))) {
                kind = each;
            }
        }
        return new FileName(matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3) != null, kind);
    }

    /** The same file as something else. */
    FileName as(Kind other) {
        return new FileName(cache, generation, compressed, other);
    }

    /** The name in the directory. */
    String text() {
        return cache + "-" + generation + ".jsonl" + (compressed ? ".gz" : "") + kind.suffix;
    }

    /** The name of a cache as a part of a file's name; two names never share one. */
    static String encode(String cache) {
        return SafeName.of(cache);
    }
}
