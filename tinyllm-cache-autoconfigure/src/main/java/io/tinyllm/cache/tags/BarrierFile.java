package io.tinyllm.cache.tags;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where barriers are kept between runs. Thread-safe as its use is. */
public interface BarrierFile {

    /** Nowhere. */
    BarrierFile NONE = new BarrierFile() {

        @Override
        public byte @Nullable [] read() {
            return null;
        }

        @Override
        public void write(byte[] content) {}
    };

    /** Reads what was written last, null where nothing was. */
    byte @Nullable [] read() throws IOException;

    /** Writes in place of whatever was written before; it survives a crash when this returns. */
    void write(byte[] content) throws IOException;
}
