package io.tinyllm.cache.tags;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads of any bytes as a file of evictions, with the checksum that it has and with the right one. */
public final class BarrierFuzzing {

    private BarrierFuzzing() {}

    public static void fuzzerTestOneInput(byte[] input) {
        read(input);
        CRC32C crc = new CRC32C();
        crc.update(input);
        read(ByteBuffer.allocate(input.length + 4)
                .put(input)
                .putInt((int) crc.getValue())
                .array());
    }

    private static void read(byte[] bytes) {
        try {
            BarrierFormat.read(bytes, new Barriers(() -> 1_000));
        } catch (IOException refused) {
            // as it should
        }
    }
}
