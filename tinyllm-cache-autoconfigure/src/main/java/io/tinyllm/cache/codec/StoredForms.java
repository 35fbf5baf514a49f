package io.tinyllm.cache.codec;

import io.tinyllm.cache.StoredForm;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stored forms that the application gives to types which have none of their own. Immutable. */
final class StoredForms {

    static final String STORED = "stored ";

    private final Map<String, Given<?>> byName = new LinkedHashMap<>();

    /**
     * @throws IllegalArgumentException if two forms are of one type, or one is of a type that has a form of its own
     */
    StoredForms(List<? extends StoredForm<?>> forms) {
        for (StoredForm<?> form : forms) {
            Class<?> type = form.type();
            if (type.isPrimitive()
                    || type.isArray()
                    || type.isEnum()
                    || type == Object.class
                    || JdkKinds.of(type) != null) {
                throw new IllegalArgumentException(
                        "The StoredForm " + form.getClass().getName() + " is of " + type.getTypeName()
                                + ", which has a stored form of its own");
            }
            Given<?> before = byName.put(type.getName(), new Given<>(form));
            if (before != null) {
                throw new IllegalArgumentException("Two StoredForms are of " + type.getName() + ": "
                        + before.form.getClass().getName() + " and "
                        + form.getClass().getName());
            }
        }
    }

    /** The form of exactly this class. */
    @Nullable
    Form of(Class<?> type) {
        Given<?> given = byName.get(type.getName());
        return given != null && given.form.type() == type ? given : null;
    }

    /** The form of the interfaces and abstract classes that this class implements, the most exact that there is. */
    @Nullable
    Form ofParents(Class<?> type) {
        Given<?> best = null;
        for (Given<?> given : byName.values()) {
            Class<?> parent = given.form.type();
            if (parent.isAssignableFrom(type)
                    && Modifier.isAbstract(parent.getModifiers())
                    && (best == null || best.form.type().isAssignableFrom(parent))) {
                best = given;
            }
        }
        return best;
    }

    /** The form that a tag says; null if it says none. */
    @Nullable
    Form ofTag(String tag) {
        return tag.startsWith(STORED) ? byName.get(ClassRules.nameOf(tag.substring(STORED.length()))) : null;
    }

    private static final class Given<T> extends Form {

        private final StoredForm<T> form;

        Given(StoredForm<T> form) {
            super(STORED + ClassRules.tagOf(form.type()));
            this.form = form;
        }

        @Override
        boolean isNamedByPlaces() {
            return false;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        boolean needsFinishedParts() {
            return true;
        }

        @Override
        @SuppressWarnings("ConstantValue") // written by others
        void write(GraphWriter out, Object value, Place place) {
            Object stored = form.write(form.type().cast(value));
            if (stored == null || stored == value) {
                throw new Refusal("its StoredForm makes nothing of it");
            }
            out.value(stored, Place.ANY);
        }

        @Override
        @SuppressWarnings("ConstantValue")
        Object read(GraphReader in, Place place, int number) {
            Object value = form.type().cast(form.read(in.present(Place.ANY)));
            if (value == null) {
                throw new UnreadableException("its StoredForm makes nothing of it");
            }
            return value;
        }
    }
}
