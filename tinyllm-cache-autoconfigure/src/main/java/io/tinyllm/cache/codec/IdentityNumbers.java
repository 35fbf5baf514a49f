package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;

/**
 * Numbers objects by identity in the order in which they are first met. Few are searched, many are hashed. Not thread-
 * safe.
 */
final class IdentityNumbers {

    private static final int FEW = 12;

    private @Nullable Object[] inOrder = new @Nullable Object[FEW];
    private int size;
    private int[] table = {};

    /** The number of an object that was met before; -1 if it was not, and then it has the next number. */
    int add(Object object) {
        if (size <= FEW) {
            for (int i = 0; i < size; i++) {
                if (inOrder[i] == object) {
                    return i;
                }
            }
            if (size < FEW) {
                inOrder[size++] = object;
                return -1;
            }
            table = rehash(64);
        }
        int slot = slot(object, table);
        if (table[slot] != 0) {
            return table[slot] - 1;
        }
        if (size == inOrder.length) {
            inOrder = java.util.Arrays.copyOf(inOrder, size * 2);
        }
        inOrder[size++] = object;
        table[slot] = size;
        if (size * 2 > table.length) {
            table = rehash(table.length * 2);
        }
        return -1;
    }

    private int[] rehash(int length) {
        int[] larger = new int[length];
        for (int i = 0; i < size; i++) {
            Object object = inOrder[i];
            if (object != null) {
                larger[slot(object, larger)] = i + 1;
            }
        }
        return larger;
    }

    private int slot(Object object, int[] slots) {
        int hash = System.identityHashCode(object) * 0x9E3779B9;
        int slot = (hash ^ hash >>> 16) & slots.length - 1;
        while (slots[slot] != 0 && inOrder[slots[slot] - 1] != object) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }
}
