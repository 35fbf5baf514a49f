package io.tinyllm.cache.bypass;

/**
 * A pattern with wildcards: {@code *} stands for any characters, none among them, and {@code ?} for exactly one.
 * Immutable. Matching allocates nothing and takes time linear in the text for a given pattern: no input makes it
 * explode.
 */
final class KeyPattern {

    private final String pattern;

    KeyPattern(String pattern) {
        // Neighbouring asterisks mean no more than one, and cost.
        this.pattern = pattern.replaceAll("\\*{2,}", "*");
    }

    @Override
    public String toString() {
        return pattern;
    }

    boolean matches(String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
            if (p < pattern.length() && wanted == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (wanted == '?' || wanted == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                // Only the latest asterisk ever has to take more: what an earlier one could take, it can.
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        return p == pattern.length() || (p == pattern.length() - 1 && pattern.charAt(p) == '*');
    }
}
