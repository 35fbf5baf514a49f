package io.tinyllm.cache.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The objects that a wrapper of the JDK holds, which has no other way to ask for them: those that it would hand to Java
 * serialization. They are taken before anything of them is serialised, and what is written is thrown away. Stateless.
 */
final class SerialParts {

    private SerialParts() {}

    /** The objects in the serializable fields of another, each once. */
    static List<Object> of(Object owner) {
        return look(owner).parts;
    }

    /** The one object that another holds; null if it holds null. */
    static @Nullable Object only(Object owner) {
        List<Object> parts = of(owner);
        return parts.isEmpty() ? null : parts.get(0);
    }

    /** The first enum class that occurs in the fields of an object. */
    static @Nullable Class<?> enumClass(Object owner) {
        return look(owner).enumClass;
    }

    /** The first class that occurs in the fields of an object, but its own and those that it extends. */
    static @Nullable Class<?> classIn(Object owner) {
        return look(owner).otherClass;
    }

    private static Looking look(Object owner) {
        try (Looking looking = new Looking(owner)) {
            looking.writeObject(owner);
            looking.flush();
            return looking;
        } catch (IOException e) {
            throw new Refusal("what it holds cannot be seen");
        }
    }

    private static final class Looking extends ObjectOutputStream {

        private final List<Object> parts = new ArrayList<>(2);
        private final Object owner;
        private boolean begun;
        private @Nullable Class<?> enumClass;
        private @Nullable Class<?> otherClass;

        Looking(Object owner) throws IOException {
            super(OutputStream.nullOutputStream());
            this.owner = owner;
            enableReplaceObject(true);
        }

        @Override
        protected @Nullable Object replaceObject(Object object) {
            if (!begun) {
                begun = true; // the owner, or what it writes for itself
                return object;
            }
            parts.add(object);
            return null;
        }

        @Override
        protected void annotateClass(Class<?> type) {
            if (enumClass == null && type.isEnum()) {
                enumClass = type;
            }
            if (otherClass == null && !type.isAssignableFrom(owner.getClass())) {
                otherClass = type;
            }
        }
    }
}
