package io.tinyllm.cache.snapshot;

import java.time.Instant;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * The first line of a snapshot.
 *
 * @param cache the name of the cache
 * @param generation the number of the file
 * @param savedAt when the saving began
 */
record Header(String cache, long generation, Instant savedAt) {

    private static final String FORMAT = "tinyllm-cache-snapshot";
    private static final int VERSION = 2;

    /** The longest first line, in bytes. */
    static final int LONGEST = 1 << 16;

    /** Writes it, without its closing brace. */
    void write(Line line) {
        line.raw("{\"format\":\"" + FORMAT + "\",\"version\":" + VERSION + ",\"cache\":")
                .quoted(cache)
                .raw(",\"generation\":" + generation + ",\"savedAt\":\"" + savedAt + "\"");
    }

    /** Reads it from a line whose seal was checked. */
    static Header read(byte[] bytes, int from, int length) throws BadSnapshotException, OtherVersionException {
        try (JsonParser parser = EntryFormat.JSON.createParser(ObjectReadContext.empty(), bytes, from, length)) {
            require(parser.nextToken() == JsonToken.START_OBJECT);
            require("format".equals(parser.nextName()) && FORMAT.equals(parser.nextStringValue()));
            require("version".equals(parser.nextName()));
            int version = parser.nextIntValue(-1);
            require(version > 0);
            if (version != VERSION) {
                throw new OtherVersionException(version, VERSION);
            }
            require("cache".equals(parser.nextName()));
            String cache = String.valueOf(parser.nextStringValue());
            require("generation".equals(parser.nextName()));
            long generation = parser.nextLongValue(-1);
            require("savedAt".equals(parser.nextName()));
            Instant savedAt = Instant.parse(String.valueOf(parser.nextStringValue()));
            return new Header(cache, generation, savedAt);
        } catch (RuntimeException e) {
            throw new BadSnapshotException("it does not begin as a snapshot does");
        }
    }

    private static void require(boolean wellBuilt) throws BadSnapshotException {
        if (!wellBuilt) {
            throw new BadSnapshotException("it does not begin as a snapshot does");
        }
    }
}
