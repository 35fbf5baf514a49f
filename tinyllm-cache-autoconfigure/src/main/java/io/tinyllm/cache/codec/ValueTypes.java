package io.tinyllm.cache.codec;

import java.lang.invoke.MethodType;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The types that bytes from outside may name: what cached methods declare and what that holds, classes of the
 * application's packages, value classes of libraries, what the configuration lists, and what this process has itself
 * written for the same cache. No other name is ever resolved to a class. Thread-safe; grows with declarations and with
 * what is written, never with what is read.
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

    private final Shared shared;

    /** Whether only that may be written which another process can read back by its declarations and settings. */
    private final boolean lasting;

    private final Map<String, ClassAccess> accesses = new ConcurrentHashMap<>();

    /**
     * Allows what is listed, and no classes for being the application's.
     *
     * @param allowed as below
     * @param loader as below
     */
    public ValueTypes(Collection<String> allowed, ClassLoader loader) {
        this(allowed, List.of(), loader);
    }

    /**
     * @param allowed classes by binary name, and packages, subpackages included, by a name that ends in a dot
     * @param application the packages of the application, whose classes are allowed, by name; an empty one stands for
     *     the classes that are in no package
     * @param loader finds the classes that are allowed by name
     * @throws IllegalArgumentException if an entry of the first is neither
     */
    public ValueTypes(Collection<String> allowed, Collection<String> application, ClassLoader loader) {
        this(new Shared(allowed, application, loader), false);
    }

    private ValueTypes(Shared shared, boolean lasting) {
        this.shared = shared;
        this.lasting = lasting;
    }

    /**
     * The same types, for what the next process is to read: what only the writing of a class would allow here is
     * refused when it is written. Declarations to one of the two count for both.
     */
    public ValueTypes lasting() {
        return new ValueTypes(shared, true);
    }

    /**
     * Declares what the values of a cache may be: the generic return type of a cached method, or a configured type. Of
     * futures, monos and optionals that is what they hold, of a flux the list of it. Repeated declarations add up. A
     * cache without any takes values of every allowed type, one with declarations instances of these and of what the
     * configuration lists.
     */
    public void declare(String cache, Type type) {
        declare(shared.declared.computeIfAbsent(cache, name -> new CopyOnWriteArrayList<>()), type);
    }

    /** Declares values of a cache that is chosen at run time: they are at home in any. */
    public void declareAnywhere(Type type) {
        declare(shared.anywhere, type);
    }

    private void declare(CopyOnWriteArrayList<Type> types, Type type) {
        Type held = held(type);
        if (held == void.class || held == Void.class) {
            return;
        }
        types.addIfAbsent(held);
        if (held instanceof ParameterizedType optional && optional.getRawType() == Optional.class) {
            types.addIfAbsent(optional.getActualTypeArguments()[0]); // what Spring's interceptor stores of it
        }
        allow(held);
    }

    /**
     * Allows the classes that a type names and what they hold, such as the parameter types of cached methods: they may
     * occur in keys.
     */
    public void allow(Type type) {
        shared.unseen.add(type);
    }

    /**
     * Returns whether values of exactly this class may be read back wherever they occur. Arrays are allowed as their
     * elements are.
     */
    public boolean allows(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return shared.resolve(element.getName()) == element;
    }

    /**
     * The allowed class of this name, as {@link Class#getTypeName} has it; null, and nothing loaded, if there is none.
     */
    @Nullable
    Class<?> resolve(String name) {
        return resolve(name, shared::resolve);
    }

    /** The classes that may be named by what one cache holds. */
    ClassAccess access(String cache) {
        ClassAccess access = accesses.get(cache);
        return access != null
                ? access
                : accesses.computeIfAbsent(cache, name -> lasting ? new Lasting() : new Learning());
    }

    /** Returns whether values of a class are at home in a cache, at the root of what it holds. */
    boolean fits(String cache, Class<?> type) {
        List<Type> types = declared(cache);
        if (types.isEmpty() || isDeclared(types, type) || isDeclared(shared.anywhere, type)) {
            return true;
        }
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return shared.isListed(element.getName());
    }

    private static boolean isDeclared(List<Type> types, Class<?> type) {
        for (Type declared : types) {
            if (boxed(raw(declared)).isAssignableFrom(type)) {
                return true;
            }
        }
        return false;
    }

    /** The types that were declared for a cache, oldest first; a live view. */
    List<Type> declared(String cache) {
        List<Type> types = shared.declared.get(cache);
        return types == null ? List.of() : types;
    }

    static boolean isValue(Class<?> type) {
        return type.isPrimitive() || VALUES.contains(type);
    }

    private static Class<?> boxed(Class<?> type) {
        return type.isPrimitive() ? MethodType.methodType(type).wrap().returnType() : type;
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class<?> named) {
            return named;
        }
        if (type instanceof ParameterizedType generic) {
            return raw(generic.getRawType());
        }
        if (type instanceof GenericArrayType array) {
            return raw(array.getGenericComponentType()).arrayType();
        }
        if (type instanceof WildcardType wildcard) {
            return raw(wildcard.getUpperBounds()[0]);
        }
        return type instanceof TypeVariable<?> variable ? raw(variable.getBounds()[0]) : Object.class;
    }

    private static @Nullable Class<?> resolve(String name, Function<String, @Nullable Class<?>> elements) {
        if (name.length() > LONGEST_NAME) {
            return null;
        }
        int dimensions = 0;
        String element = name;
        while (element.endsWith("[]")) {
            element = element.substring(0, element.length() - 2);
            dimensions++;
        }
        Class<?> type = dimensions > 8 ? null : elements.apply(element);
        for (int i = 0; type != null && i < dimensions; i++) {
            type = type.arrayType();
        }
        return type;
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

    /** Classes of one cache, with those that this process has written for it. */
    private final class Learning implements ClassAccess {

        private final Map<String, Class<?>> learned = new ConcurrentHashMap<>();

        @Override
        public @Nullable Class<?> resolve(String className) {
            return ValueTypes.resolve(className, name -> {
                Class<?> own = learned.get(name);
                return own != null ? own : shared.resolve(name);
            });
        }

        @Override
        public void written(Class<?> type) {
            Class<?> element = type;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            if (learned.get(element.getName()) != element) {
                learned.put(element.getName(), element);
            }
        }
    }

    /** Classes of one cache that the next process can read too. */
    private final class Lasting implements ClassAccess {

        @Override
        public @Nullable Class<?> resolve(String className) {
            return ValueTypes.this.resolve(className);
        }

        @Override
        public void written(Class<?> type) {
            if (!allows(type)) {
                throw new UnsupportedValueException(
                        type.getName(),
                        "it may not be read back after a restart: no cached method declares it, "
                                + "and it is neither of the "
                                + "application's packages nor listed in tinyllm.cache.redis.allowed-types");
            }
        }
    }

    /** The types that are allowed in every cache. */
    private static final class Shared {

        private final Set<String> classes = new HashSet<>();
        private final List<String> packages = new ArrayList<>();
        private final List<String> application = new ArrayList<>();
        private final ClassLoader loader;
        private final Map<String, Class<?>> known = new ConcurrentHashMap<>();
        private final Map<String, CopyOnWriteArrayList<Type>> declared = new ConcurrentHashMap<>();
        private final CopyOnWriteArrayList<Type> anywhere = new CopyOnWriteArrayList<>();

        /** Declared types that were not looked into yet: that waits until a name asks for it. */
        private final Queue<Type> unseen = new ConcurrentLinkedQueue<>();

        private final HeldTypes held = new HeldTypes(known::put);

        Shared(Collection<String> allowed, Collection<String> application, ClassLoader loader) {
            this.loader = loader;
            VALUES.forEach(type -> known.put(type.getName(), type));
            PRIMITIVES.forEach(type -> known.put(type.getName(), type));
            application.forEach(name -> this.application.add(name.isEmpty() ? name : name + "."));
            for (String entry : allowed) {
                String name = entry.endsWith(".") ? entry.substring(0, entry.length() - 1) : entry;
                if (!name.matches("[\\p{javaJavaIdentifierStart}][\\p{javaJavaIdentifierPart}.]*")
                        || name.contains("..")) {
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

        /** The allowed class of a binary name, or null. What is not allowed is not loaded. */
        @Nullable
        Class<?> resolve(String name) {
            Class<?> type = known.get(name);
            if (type != null) {
                return type;
            }
            if (!isListed(name) && !isOfApplication(name) && !LibraryValues.contains(name)) {
                return declared(name);
            }
            try {
                type = Class.forName(name, false, loader);
                known.put(name, type);
                return type;
            } catch (ClassNotFoundException | LinkageError notHere) {
                return null;
            }
        }

        private @Nullable Class<?> declared(String name) {
            if (!unseen.isEmpty()) {
                synchronized (held) {
                    for (Type type = unseen.peek(); type != null; type = unseen.peek()) {
                        held.walk(type);
                        unseen.remove();
                    }
                }
            }
            return known.get(name);
        }

        boolean isListed(String name) {
            return classes.contains(name) || hasPrefix(packages, name);
        }

        private boolean isOfApplication(String name) {
            return hasPrefix(application, name);
        }

        private static boolean hasPrefix(List<String> packages, String name) {
            for (String prefix : packages) {
                if (prefix.isEmpty() ? name.indexOf('.') < 0 : name.startsWith(prefix)) {
                    return true;
                }
            }
            return false;
        }
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
