package io.tinyllm.cache.codec;

import java.util.Arrays;
import java.util.function.Function;

/**
 * The bookkeeping of a graph that its writer and its reader both do, in the same order, so that they decide alike and
 * nothing is written that could not be read: the numbers of the objects, which of them are unfinished, how large the
 * graph is when its shared parts are counted as often as they occur, and what hashing and comparing will cost. Not
 * thread-safe.
 */
final class Progress {

    /** Not a number of an object. */
    static final int NONE = Integer.MAX_VALUE;

    private static final int MOST_VALUES = 2_000_000;
    private static final int MOST_OBJECTS = 1_000_000;
    private static final long LARGEST = 1L << 40;
    private static final long HASHED_AT_LEAST = 1_000_000;
    private static final long COMPARED_AT_LEAST = 4_000_000;
    private static final int WORK_FOR_A_VALUE = 16;

    private static final byte OPEN = 1;
    private static final byte MADE_OF_PARTS = 2;

    private final Function<String, RuntimeException> failure;
    private byte[] states = new byte[16];
    private int[] dependencies = new int[16];
    private int[] outer = new int[16];
    private long[] sizes = new long[16];
    private int objects;
    private int values;
    private int lowest = NONE;
    private long units;
    private long hashed;
    private long compared;

    /** @param failure what a broken bound is told with */
    Progress(Function<String, RuntimeException> failure) {
        this.failure = failure;
    }

    /** One more value, be it null. */
    void value() {
        units++;
        if (++values > MOST_VALUES) {
            throw failure.apply("it has more than " + MOST_VALUES + " parts");
        }
    }

    /** An object begins. */
    int begin(boolean madeOfParts) {
        int number = objects++;
        if (number == states.length) {
            grow();
        }
        states[number] = madeOfParts ? MADE_OF_PARTS : OPEN;
        outer[number] = lowest;
        sizes[number] = units;
        lowest = NONE;
        return number;
    }

    /** It ends. Answers the unfinished object, lowest number first, that its parts refer to; else {@link #NONE}. */
    int end(int number) {
        int dependency = lowest < number ? lowest : NONE;
        states[number] = 0;
        dependencies[number] = dependency;
        sizes[number] = Math.min(LARGEST, units - sizes[number]);
        lowest = Math.min(outer[number], dependency);
        return dependency;
    }

    /** An object occurs again. */
    void reference(int number) {
        if (number < 0 || number >= objects) {
            throw failure.apply("it refers to what is not there");
        }
        switch (states[number]) {
            case MADE_OF_PARTS -> throw failure.apply("an object that cannot be changed is a part of itself");
            case OPEN -> lowest = Math.min(lowest, number);
            default -> {
                lowest = Math.min(lowest, unfinished(dependencies[number]));
                units += sizes[number];
            }
        }
    }

    /** What waits for an object that has ended waits on for what that object itself waits for. */
    private int unfinished(int dependency) {
        int number = dependency;
        while (number != NONE && states[number] == 0) {
            number = dependencies[number];
        }
        return number;
    }

    /** The lowest unfinished object that was referred to since the innermost object began; else {@link #NONE}. */
    int lowest() {
        return lowest;
    }

    /** Begins the keys or elements of a container that hashes or compares them. */
    Keys keys() {
        return new Keys();
    }

    /** Adds how many parts are looked at to hash or sort others, and refuses what is out of proportion. */
    void hashed(long parts) {
        hashed += Math.min(LARGEST, parts);
        requireProportion(hashed, HASHED_AT_LEAST);
    }

    /** Adds how many parts are looked at to tell others apart whose hash codes meet, and refuses as {@link #hashed}. */
    void compared(long parts) {
        compared += Math.min(LARGEST, parts);
        requireProportion(compared, COMPARED_AT_LEAST);
    }

    private void requireProportion(long work, long atLeast) {
        if (work > atLeast + (long) WORK_FOR_A_VALUE * values) {
            throw failure.apply("hashing and comparing its parts would take too long");
        }
    }

    private void grow() {
        if (objects > MOST_OBJECTS) {
            throw failure.apply("it has more than " + MOST_OBJECTS + " objects");
        }
        int length = states.length * 2;
        states = Arrays.copyOf(states, length);
        dependencies = Arrays.copyOf(dependencies, length);
        outer = Arrays.copyOf(outer, length);
        sizes = Arrays.copyOf(sizes, length);
    }

    /** The keys of one container so far. */
    final class Keys {

        private long size;
        private int dependency = NONE;
        private long unitsBefore;
        private int lowestBefore;

        void begin() {
            unitsBefore = units;
            lowestBefore = lowest;
            lowest = NONE;
        }

        void end() {
            size += units - unitsBefore;
            dependency = Math.min(dependency, lowest);
            lowest = Math.min(lowest, lowestBefore);
        }

        /** How many parts they have, counted as often as they occur. */
        long size() {
            return size;
        }

        /** The lowest unfinished object that they refer to. */
        int dependency() {
            return dependency;
        }
    }
}
