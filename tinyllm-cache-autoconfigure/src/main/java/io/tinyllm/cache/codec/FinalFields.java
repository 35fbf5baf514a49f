package io.tinyllm.cache.codec;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/**
 * Whether final fields of objects may be set, which JDK 26 begins to warn of and a later one will deny unless the
 * application allows it. It is tried with the first class that has such fields, so that without them there is no
 * warning. Records are not concerned.
 */
final class FinalFields {

    private FinalFields() {}

    /** Refuses a class whose fields could be written but not set again. */
    static void require(Field field) {
        if (Modifier.isFinal(field.getModifiers()) && !Probe.MAY_BE_SET) {
            throw new Refusal(field.getDeclaringClass().getName()
                    + " has final fields, which this JVM sets only if it is started with"
                    + " --enable-final-field-mutation=ALL-UNNAMED");
        }
    }

    private static final class Probe {

        static final boolean MAY_BE_SET = mayBeSet();

        private final Object field;

        private Probe(Object field) {
            this.field = field;
        }

        private static boolean mayBeSet() {
            try {
                Probe probe = new Probe("before");
                Field field = Probe.class.getDeclaredField("field");
                field.setAccessible(true);
                field.set(probe, "after");
                return probe.field.equals("after");
            } catch (ReflectiveOperationException | RuntimeException denied) {
                return false;
            }
        }
    }
}
