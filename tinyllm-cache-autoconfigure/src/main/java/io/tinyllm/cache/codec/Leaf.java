package io.tinyllm.cache.codec;

import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The form of a class of the JDK whose objects have no parts. */
abstract class Leaf extends Form {

    private final Class<?> type;

    Leaf(String tag, Class<?> type) {
        super(tag);
        this.type = type;
    }

    /** The class of its objects, or one that they extend. */
    final Class<?> type() {
        return type;
    }

    @Override
    boolean isCounted() {
        return false;
    }

    @Override
    boolean isPlainValue() {
        return !isCounted();
    }

    /** A leaf that is written as text. */
    static final class Text<T> extends Leaf {

        private final Class<T> type;
        private final Function<T, String> write;
        private final Function<String, T> read;
        private final @Nullable BiPredicate<T, T> same;
        private final boolean mutable;

        private Text(
                String tag,
                Class<T> type,
                Function<T, String> write,
                Function<String, T> read,
                @Nullable BiPredicate<T, T> same,
                boolean mutable) {
            super(tag, type);
            this.type = type;
            this.write = write;
            this.read = read;
            this.same = same;
            this.mutable = mutable;
        }

        /** One whose text says everything. */
        static <T> Text<T> of(String tag, Class<T> type, Function<T, String> write, Function<String, T> read) {
            return new Text<>(tag, type, write, read, null, false);
        }

        /** Objects which the program may change, so that it matters which of them are one. */
        Text<T> mutable() {
            return new Text<>(tag(), type, write, read, same, true);
        }

        /** Whose text may not say everything of each object: it is read back and compared when it is written. */
        Text<T> compared() {
            return compared(Object::equals);
        }

        Text<T> compared(BiPredicate<T, T> same) {
            return new Text<>(tag(), type, write, read, same, mutable);
        }

        @Override
        boolean isCounted() {
            return mutable;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            T object = type.cast(value);
            String text = write.apply(object);
            if (same != null && !isSame(same, object, text)) {
                throw new Refusal("a " + type.getName() + " that its text does not give back");
            }
            out.text(text);
        }

        private boolean isSame(BiPredicate<T, T> same, T object, String text) {
            try {
                return Utf8.isWellFormed(text) && same.test(object, read.apply(text));
            } catch (RuntimeException noSuchText) {
                return false;
            }
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return read.apply(in.text());
        }
    }

    /** A leaf that is written as a whole number. */
    static final class Whole<T extends Number> extends Leaf {

        private final Function<Long, T> read;

        Whole(String tag, Class<T> type, Function<Long, T> read) {
            super(tag, type);
            this.read = read;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.json().writeNumber(((Number) value).longValue());
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return read.apply(in.longValue());
        }
    }
}
