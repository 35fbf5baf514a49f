package io.tinyllm.cache.codec;

import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The types that may be read back: the JDK's value types, what was declared, what declared types name as their
 * arguments and permitted subclasses, and what the configuration lists. A name outside of these is never resolved to a
 * class. Thread-safe; grows with declarations only.
 */
public final class ValueTypes {

    /** The JDK's value types that JSON holds exactly, when it is known which of them is meant. */
    private static final Set<Class<?>> VALUES = Set.of(
            String.class,
            Character.class,
            Boolean.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            BigInteger.class,
            BigDecimal.class,
            UUID.class,
            URI.class,
            Locale.class,
            Currency.class,
            Date.class,
            Instant.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            OffsetDateTime.class,
            OffsetTime.class,
            ZonedDateTime.class,
            Duration.class,
            Period.class,
            MonthDay.class,
            Year.class,
            YearMonth.class,
            ZoneId.class,
            ZoneOffset.class,
            DayOfWeek.class,
            Month.class,
            ChronoUnit.class,
            TimeUnit.class,
            OptionalInt.class,
            OptionalLong.class,
            OptionalDouble.class);

    private static final Set<Class<?>> PRIMITIVES = Set.of(
            boolean.class, char.class, byte.class, short.class, int.class, long.class, float.class, double.class);

    private static final Set<String> ASYNCHRONOUS = Set.of(
            "java.util.concurrent.CompletableFuture",
            "java.util.concurrent.CompletionStage",
            "java.util.concurrent.Future",
            "reactor.core.publisher.Mono");
    private static final Set<String> STREAMS = Set.of("reactor.core.publisher.Flux", "org.reactivestreams.Publisher");
    private static final int LONGEST_NAME = 512;

    private final Set<String> classes = ConcurrentHashMap.newKeySet();
    private final List<String> packages = new CopyOnWriteArrayList<>();
    private final ClassLoader loader;
    private final Map<String, Class<?>> known = new ConcurrentHashMap<>();
    private final Map<String, CopyOnWriteArrayList<Type>> declared = new ConcurrentHashMap<>();
    private final Map<String, ClassAccess> accesses = new ConcurrentHashMap<>();

    /**
     * @param allowed classes by binary name, and packages, subpackages included, by a name that ends in a dot
     * @param loader finds the classes that are listed by name
     * @throws IllegalArgumentException if an entry is neither
     */
    public ValueTypes(Collection<String> allowed, ClassLoader loader) {
        this.loader = loader;
        VALUES.forEach(type -> known.put(type.getName(), type));
        PRIMITIVES.forEach(type -> known.put(type.getName(), type));
        for (String entry : allowed) {
            String name = entry.endsWith(".") ? entry.substring(0, entry.length() - 1) : entry;
            if (!name.matches("[\\p{javaJavaIdentifierStart}][\\p{javaJavaIdentifierPart}.]*") || name.contains("..")) {
                throw new IllegalArgumentException(
                        "'" + entry + "' is neither a class nor a package that ends in a dot");
            }
            if (entry.endsWith(".")) {
                packages.add(entry);
            } else {
                classes.add(entry);
            }
        }
    }

    /**
     * Declares what the values of a cache may be: the generic return type of a cached method, or a configured type. Of
     * futures, monos and optionals that is what they hold, of a flux the list of it. Repeated declarations add up. A
     * cache without any takes values of every allowed type, one with declarations only instances of these.
     */
    public void declare(String cache, Type type) {
        Type held = held(type);
        if (held == void.class || held == Void.class) {
            return;
        }
        CopyOnWriteArrayList<Type> types = declared.computeIfAbsent(cache, name -> new CopyOnWriteArrayList<>());
        types.addIfAbsent(held);
        if (held instanceof ParameterizedType optional && optional.getRawType() == Optional.class) {
            types.addIfAbsent(optional.getActualTypeArguments()[0]); // what Spring's interceptor stores of it
        }
        allow(held);
    }

    /** Allows the classes that a type names, such as the parameter types of cached methods: they may occur in keys. */
    public void allow(Type type) {
        if (type instanceof Class<?> named) {
            allowClass(named);
        } else if (type instanceof ParameterizedType generic) {
            allow(generic.getRawType());
            List.of(generic.getActualTypeArguments()).forEach(this::allow);
        } else if (type instanceof GenericArrayType array) {
            allow(array.getGenericComponentType());
        } else if (type instanceof WildcardType wildcard) {
            List.of(wildcard.getUpperBounds()).forEach(this::allow);
        }
    }

    /** Whether values of exactly this class may be read back wherever they occur. Arrays are allowed as their elements are. */
    public boolean allows(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return known.get(element.getName()) == element || isListed(element.getName());
    }

    /** The allowed class of this name, as {@link Class#getTypeName} has it; null, and nothing loaded, if there is none. */
    @Nullable
    Class<?> resolve(String name) {
        if (name.length() > LONGEST_NAME) {
            return null;
        }
        if (name.endsWith("[]")) {
            Class<?> component = resolve(name.substring(0, name.length() - 2));
            return component == null || dimensions(name) > 8 ? null : component.arrayType();
        }
        Class<?> type = known.get(name);
        if (type != null || !isListed(name)) {
            return type;
        }
        try {
            type = Class.forName(name, false, loader);
            known.put(name, type);
            return type;
        } catch (ClassNotFoundException | LinkageError notHere) {
            return null;
        }
    }

    /** What the values of a cache may be made of: what is allowed, and what this process wrote into that cache. */
    ClassAccess access(String cache) {
        return accesses.computeIfAbsent(cache, name -> new Learnt());
    }

    private final class Learnt implements ClassAccess {

        private final Map<String, Class<?>> written = new ConcurrentHashMap<>();

        @Override
        public @Nullable Class<?> resolve(String className) {
            Class<?> type = written.get(className);
            return type != null ? type : ValueTypes.this.resolve(className);
        }

        @Override
        public void written(Class<?> type) {
            written.putIfAbsent(type.getName(), type);
        }
    }

    /** What was declared for a cache, oldest first; a live view. */
    List<Type> declared(String cache) {
        List<Type> types = declared.get(cache);
        return types == null ? List.of() : types;
    }

    static boolean isValue(Class<?> type) {
        return type.isPrimitive() || VALUES.contains(type);
    }

    private boolean isListed(String name) {
        if (classes.contains(name)) {
            return true;
        }
        for (String prefix : packages) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private void allowClass(Class<?> type) {
        if (type.isArray()) {
            allowClass(type.getComponentType());
        } else if (type != Object.class && known.put(type.getName(), type) != type && !JdkClasses.isJdk(type)) {
            if (type.isSealed()) {
                List.of(type.getPermittedSubclasses()).forEach(this::allowClass);
            }
            for (Class<?> k = type; k != null && !JdkClasses.isJdk(k); k = k.getSuperclass()) {
                for (Field field : k.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        allow(field.getGenericType());
                    }
                }
            }
        }
    }

    private static int dimensions(String name) {
        return (name.length() - name.indexOf("[]")) / 2;
    }

    private static Type held(Type type) {
        if (type instanceof ParameterizedType generic && generic.getActualTypeArguments().length == 1) {
            String raw = generic.getRawType().getTypeName();
            Type argument = generic.getActualTypeArguments()[0];
            if (ASYNCHRONOUS.contains(raw)) {
                return held(argument);
            }
            if (STREAMS.contains(raw)) {
                return new ListOf(argument);
            }
        }
        return type;
    }

    /** The type of a list of some type. */
    private record ListOf(Type element) implements ParameterizedType {

        @Override
        public Type[] getActualTypeArguments() {
            return new Type[] {element};
        }

        @Override
        public Type getRawType() {
            return List.class;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }
    }
}
