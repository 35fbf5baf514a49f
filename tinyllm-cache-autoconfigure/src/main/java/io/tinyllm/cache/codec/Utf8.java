package io.tinyllm.cache.codec;

/** Properties of the UTF-8 form of a text, found without encoding it. Stateless. */
final class Utf8 {

    private Utf8() {}

    /** Returns whether the text has a UTF-8 form of its own: text with a lone surrogate has none. */
    static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                if (!isPair(text, i)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** The bytes of the text in UTF-8, counted up to the limit: any answer above the limit only says "more". */
    static long length(CharSequence text, long limit) {
        if (text.length() > limit) {
            return text.length();
        }
        long bytes = 0;
        for (int i = 0; i < text.length() && bytes <= limit; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (isPair(text, i)) {
                bytes += 4;
                i++;
            } else {
                bytes++; // encoded as a question mark
            }
        }
        return bytes;
    }

    private static boolean isPair(CharSequence text, int index) {
        return Character.isHighSurrogate(text.charAt(index))
                && index + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(index + 1));
    }
}
