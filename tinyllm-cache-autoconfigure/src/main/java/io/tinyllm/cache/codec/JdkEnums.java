package io.tinyllm.cache.codec;

import java.math.RoundingMode;
import java.nio.file.AccessMode;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DayOfWeek;
import java.time.Month;
import java.time.chrono.IsoEra;
import java.time.format.FormatStyle;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JDK's enums that any value may hold. Immutable. */
final class JdkEnums {

    private static final Map<String, Class<?>> TYPES = Stream.<Class<?>>of(
                    DayOfWeek.class,
                    Month.class,
                    ChronoUnit.class,
                    ChronoField.class,
                    IsoEra.class,
                    FormatStyle.class,
                    TextStyle.class,
                    TimeUnit.class,
                    RoundingMode.class,
                    AccessMode.class,
                    StandardOpenOption.class,
                    StandardCopyOption.class,
                    Locale.Category.class,
                    Thread.State.class)
            .collect(Collectors.toUnmodifiableMap(Class::getName, Function.identity()));

    private JdkEnums() {}

    static @Nullable Class<?> of(String name) {
        return TYPES.get(name);
    }
}
