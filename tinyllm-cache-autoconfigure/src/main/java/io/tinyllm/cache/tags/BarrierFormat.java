package io.tinyllm.cache.tags;

import io.tinyllm.cache.core.port.Moment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Barriers as bytes, format version 1, big-endian: magic "TLT" 3 | version 1 | now: local 8, shared 8 | horizon: local
 * 8, shared 8 | how many 4 | (target, as text with a length of 2 | local 8 | shared 8 | untold 8) for each | CRC-32C 4.
 */
final class BarrierFormat {

    private static final int MAGIC = 'T' << 24 | 'L' << 16 | 'T' << 8 | 1;
    private static final int CHECKSUM = 4;

    private BarrierFormat() {}

    static byte[] write(Barriers barriers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        synchronized (barriers) {
            write(out, barriers.now());
            write(out, barriers.horizon());
            List<Barrier> all = barriers.all();
            out.writeInt(all.size());
            for (Barrier barrier : all) {
                out.writeUTF(barrier.target().text());
                out.writeLong(barrier.local());
                out.writeLong(barrier.shared());
                out.writeLong(barrier.untold());
            }
        }
        out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Moment moment) throws IOException {
        out.writeLong(moment.local());
        out.writeLong(moment.shared());
    }

    /** Takes over what was written; nothing where bytes are null. */
    static void read(byte @Nullable [] bytes, Barriers into) throws IOException {
        if (bytes == null) {
            return;
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        if (bytes.length < CHECKSUM + Integer.BYTES || in.readInt() != MAGIC) {
            throw new IOException("not a file of this version");
        }
        DataInputStream end = new DataInputStream(new ByteArrayInputStream(bytes, bytes.length - CHECKSUM, CHECKSUM));
        if (end.readInt() != checksum(bytes, bytes.length - CHECKSUM)) {
            throw new IOException("its checksum is wrong");
        }
        Moment now = new Moment(in.readLong(), in.readLong());
        Moment horizon = new Moment(in.readLong(), in.readLong());
        for (int left = in.readInt(); left > 0; left--) {
            Target target = Target.parse(in.readUTF());
            Barrier barrier = target == null ? null : new Barrier(target, in.readLong(), in.readLong(), in.readLong());
            if (barrier == null) {
                throw new IOException("it holds what is no eviction");
            }
            into.restore(barrier);
        }
        into.goOn(now, horizon);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
