package io.tinyllm.cache.llm;

import java.util.Arrays;

/** Bytes that grow, in a form that no two different sequences of writes share. Confined to one thread. */
final class Bytes {

    private byte[] bytes = new byte[512];
    private int length;

    void writeTag(int tag) {
        reserve(1);
        bytes[length++] = (byte) tag;
    }

    void writeInt(int value) {
        reserve(4);
        bytes[length++] = (byte) (value >>> 24);
        bytes[length++] = (byte) (value >>> 16);
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
    }

    /** Writes a text with its length: UTF-8, and surrogates that are alone as they are. */
    void writeText(String text) {
        int chars = text.length();
        writeInt(chars);
        reserve(3 * chars);
        byte[] target = bytes;
        int at = length;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                target[at++] = (byte) c;
            } else if (c < 0x800) {
                target[at++] = (byte) (0xC0 | c >> 6);
                target[at++] = (byte) (0x80 | c & 0x3F);
            } else {
                target[at++] = (byte) (0xE0 | c >> 12);
                target[at++] = (byte) (0x80 | c >> 6 & 0x3F);
                target[at++] = (byte) (0x80 | c & 0x3F);
            }
        }
        length = at;
    }

    void writeBytes(byte[] value) {
        writeInt(value.length);
        writeRaw(value);
    }

    void writeRaw(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    void clear() {
        length = 0;
    }

    private void reserve(int more) {
        int needed = Math.addExact(length, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
        }
    }
}
