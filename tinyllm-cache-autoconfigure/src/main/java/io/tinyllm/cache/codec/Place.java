package io.tinyllm.cache.codec;

import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The expectation of a field, by its declaration, of the objects that stand there: the form of objects of exactly the
 * declared class, and the places of their parts. It only spares bytes; any object may stand at any place, if need be
 * with its tag. Thread-safe.
 */
final class Place {

    /** A place of which nothing is known. */
    static final Place ANY = new Place(null, null, null, null);

    private final @Nullable Forms forms;
    private final @Nullable Class<?> type;
    private final @Nullable Place first;
    private final @Nullable Place second;
    private @Nullable Form form; // found late, since classes refer to each other in circles

    private Place(@Nullable Forms forms, @Nullable Class<?> type, @Nullable Place first, @Nullable Place second) {
        this.forms = forms;
        this.type = type;
        this.first = first;
        this.second = second;
    }

    static Place of(Type declared, Forms forms) {
        if (declared instanceof Class<?> raw) {
            Class<?> exact = exact(raw);
            return exact == null ? ANY : new Place(forms, exact, null, null);
        }
        if (declared instanceof WildcardType wildcard) {
            return of(wildcard.getUpperBounds()[0], forms);
        }
        if (declared instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            boolean parts = arguments.length == 1
                    && (Iterable.class.isAssignableFrom(raw) || raw == Optional.class || raw == AtomicReference.class);
            boolean pairs =
                    arguments.length == 2 && (Map.class.isAssignableFrom(raw) || Map.Entry.class.isAssignableFrom(raw));
            if (JdkClasses.isJdk(raw) && (parts || pairs)) {
                return new Place(forms, exact(raw), of(arguments[0], forms), pairs ? of(arguments[1], forms) : null);
            }
            return of(raw, forms);
        }
        return ANY;
    }

    /** The class whose objects stand there without a tag; null if it is not known. */
    private static @Nullable Class<?> exact(Class<?> raw) {
        Class<?> standsFor = JdkLeaves.implementation(raw);
        if (standsFor != null) {
            return standsFor;
        }
        boolean concrete = raw.isEnum() || raw.isArray() || !Modifier.isAbstract(raw.getModifiers());
        return concrete && raw != Object.class && !raw.isPrimitive() ? raw : null;
    }

    /** The class whose objects have the form of {@link #form()}. */
    @Nullable
    Class<?> type() {
        return type;
    }

    /** The form of objects of the declared class; null if the declaration names none. */
    @Nullable
    Form form() {
        if (type == null || forms == null) {
            return null;
        }
        Form known = form;
        if (known == null) {
            known = forms.of(type);
            form = known;
        }
        return known.isNamedByPlaces() ? known : null;
    }

    /** Where elements stand, or keys. */
    Place first() {
        return first == null ? ANY : first;
    }

    /** Where the values of a map stand. */
    Place second() {
        return second == null ? ANY : second;
    }
}
