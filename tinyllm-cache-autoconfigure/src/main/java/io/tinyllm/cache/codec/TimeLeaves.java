package io.tinyllm.cache.codec;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TimeZone;
import java.util.function.Function;

/** The JDK's dates and times, each with a text of its own. Stateless. */
final class TimeLeaves {

    private TimeLeaves() {}

    static List<Leaf> all() {
        List<Leaf> leaves = new ArrayList<>(List.of(
                text(Instant.class, Instant::parse),
                text(LocalDate.class, LocalDate::parse),
                text(LocalTime.class, LocalTime::parse),
                text(LocalDateTime.class, LocalDateTime::parse),
                text(OffsetDateTime.class, OffsetDateTime::parse),
                text(OffsetTime.class, OffsetTime::parse),
                Leaf.Text.of("ZonedDateTime", ZonedDateTime.class, TimeLeaves::zoned, TimeLeaves::zoned)
                        .compared(),
                text(Duration.class, Duration::parse),
                text(Period.class, Period::parse),
                Leaf.Text.of("Year", Year.class, Year::toString, s -> Year.of(Integer.parseInt(s))),
                Leaf.Text.of(
                        "YearMonth",
                        YearMonth.class,
                        m -> Long.toString(m.getLong(ChronoField.PROLEPTIC_MONTH)),
                        s -> YearMonth.of(0, 1).with(ChronoField.PROLEPTIC_MONTH, Long.parseLong(s))),
                text(MonthDay.class, MonthDay::parse),
                Leaf.Text.of("ZoneOffset", ZoneOffset.class, ZoneOffset::getId, ZoneOffset::of),
                Leaf.Text.of("ZoneId", ZoneId.class, ZoneId::getId, ZoneId::of).compared(),
                Leaf.Text.of("TimeZone", TimeZone.class, TimeZone::getID, TimeZone::getTimeZone)
                        .compared()
                        .mutable(),
                Leaf.Text.of("Date", Date.class, d -> Long.toString(d.getTime()), s -> new Date(Long.parseLong(s)))
                        .mutable(),
                Leaf.Text.of("Calendar", Calendar.class, TimeLeaves::calendar, TimeLeaves::calendar)
                        .compared()
                        .mutable()));
        try {
            leaves.addAll(SqlLeaves.all());
        } catch (LinkageError noSuchModule) {
            // a runtime image without java.sql has no values of it either
        }
        return leaves;
    }

    private static <T> Leaf text(Class<T> type, Function<String, T> read) {
        return Leaf.Text.of(type.getSimpleName(), type, Object::toString, read);
    }

    /** With the offset, since local times occur twice. */
    private static String zoned(ZonedDateTime time) {
        return time.toLocalDateTime() + "," + time.getOffset() + "," + time.getZone();
    }

    private static ZonedDateTime zoned(String text) {
        String[] parts = text.split(",", 3);
        return ZonedDateTime.ofStrict(LocalDateTime.parse(parts[0]), ZoneOffset.of(parts[1]), ZoneId.of(parts[2]));
    }

    private static String calendar(Calendar calendar) {
        if (!(((Calendar) calendar.clone()) instanceof GregorianCalendar copy)
                || copy.getClass() != GregorianCalendar.class) {
            throw new Refusal("a calendar that is not Gregorian");
        }
        return JdkLeaves.joined(
                copy.getTimeInMillis(),
                copy.getTimeZone().getID(),
                copy.isLenient(),
                copy.getFirstDayOfWeek(),
                copy.getMinimalDaysInFirstWeek(),
                copy.getGregorianChange().getTime());
    }

    private static Calendar calendar(String text) {
        String[] parts = text.split(",", 6);
        GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone(parts[1]));
        calendar.setGregorianChange(new Date(Long.parseLong(parts[5])));
        calendar.setFirstDayOfWeek(Integer.parseInt(parts[3]));
        calendar.setMinimalDaysInFirstWeek(Integer.parseInt(parts[4]));
        calendar.setTimeInMillis(Long.parseLong(parts[0]));
        calendar.setLenient(Boolean.parseBoolean(parts[2]));
        return calendar;
    }

    /** Those of {@code java.sql}, which are instants, as {@code Date} is. */
    private static final class SqlLeaves {

        static List<Leaf> all() {
            return List.of(
                    Leaf.Text.of("Timestamp", java.sql.Timestamp.class, SqlLeaves::timestamp, SqlLeaves::timestamp)
                            .mutable(),
                    Leaf.Text.of(
                                    "SqlDate",
                                    java.sql.Date.class,
                                    d -> Long.toString(d.getTime()),
                                    s -> new java.sql.Date(Long.parseLong(s)))
                            .mutable(),
                    Leaf.Text.of(
                                    "SqlTime",
                                    java.sql.Time.class,
                                    d -> Long.toString(d.getTime()),
                                    s -> new java.sql.Time(Long.parseLong(s)))
                            .mutable());
        }

        private static String timestamp(java.sql.Timestamp timestamp) {
            return timestamp.getTime() + "," + timestamp.getNanos();
        }

        private static java.sql.Timestamp timestamp(String text) {
            int comma = text.indexOf(',');
            java.sql.Timestamp timestamp = new java.sql.Timestamp(Long.parseLong(text.substring(0, comma)));
            timestamp.setNanos(Integer.parseInt(text.substring(comma + 1)));
            return timestamp;
        }
    }
}
