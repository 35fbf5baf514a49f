package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Reads of any bytes as lines and as whole files of snapshots: entries or a refusal, never another exception. */
public final class SnapshotFuzzing {

    private static final EntryFormat FORMAT = format();

    private SnapshotFuzzing() {}

    private static EntryFormat format() {
        ValueTypes types = new ValueTypes(List.of(), SnapshotFuzzing.class.getClassLoader());
        types.declare("users", Object.class);
        return new EntryFormat(
                "users",
                new KeyCodec(types, List.of(), BeanKeys.NONE),
                new ValueCodec(types, ValueLimits.DEFAULT, List.of()));
    }

    /** A line of an entry. */
    public static final class Lines {

        private Lines() {}

        public static void fuzzerTestOneInput(byte[] input) {
            try {
                FORMAT.check(input, 0, input.length);
                FORMAT.read(input, 0, input.length);
            } catch (BadSnapshotException refused) {
                // as it should
            }
        }
    }

    /** A file, whose seal is not looked at by whoever reads it a second time. */
    public static final class Images {

        private Images() {}

        public static void fuzzerTestOneInput(byte[] input) throws IOException, TimeoutException {
            SnapshotReader reader = new SnapshotReader("users", FORMAT, () -> false);
            for (boolean compressed : new boolean[] {false, true}) {
                try {
                    reader.read(new ByteArrayInputStream(input), compressed, entry -> true);
                } catch (BadSnapshotException | OtherVersionException refused) {
                    // as it should
                } catch (IOException noArchive) {
                    if (!compressed) {
                        throw noArchive;
                    }
                }
            }
        }
    }
}
