package io.tinyllm.cache.codec;

import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What writing and reading values costs, beside another build of the product: {@code java
 * io.tinyllm.cache.codec.CodecCost old.jar [rounds [user,sale,...]]}. Both run in turn, the best of all rounds counts,
 * in microseconds of CPU time.
 */
final class CodecCost {

    record User(String id, int age) {}

    enum State {
        NEW,
        PAID
    }

    record Line(String product, int quantity, BigDecimal price, String note) {}

    static class Sale {
        Long id;
        String customer;
        Instant at;
        State state;
        List<Line> lines = new ArrayList<>();
        BigDecimal total;
        boolean paid;
    }

    interface Values {
        User user();

        Sale sale();

        List<Sale> sales();

        List<Map<String, Object>> rows();

        float[] embedding();

        String text();
    }

    private CodecCost() {}

    static Sale sale(long id, int lines) {
        Sale sale = new Sale();
        sale.id = id;
        sale.customer = "customer-" + id;
        sale.at = Instant.ofEpochSecond(1_700_000_000 + id, 123_000_000);
        sale.state = State.PAID;
        for (int i = 0; i < lines; i++) {
            sale.lines.add(new Line("product-" + i, i, new BigDecimal("12.50"), null));
        }
        sale.total = new BigDecimal("125.00");
        return sale;
    }

    private static Map<String, Object> values() {
        List<Sale> sales = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sales.add(sale(i, 5));
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", (long) i);
            row.put("name", "n" + i);
            row.put("amount", new BigDecimal("12.50"));
            row.put("count", i);
            row.put("open", true);
            rows.add(row);
        }
        float[] embedding = new float[1536];
        for (int i = 0; i < embedding.length; i++) {
            embedding[i] = (float) Math.sin(i);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("user", new User("user-1", 42));
        values.put("sale", sale(1, 10));
        values.put("sales", sales);
        values.put("rows", rows);
        values.put("embedding", embedding);
        values.put("text", "All work and no play. ".repeat(200));
        return values;
    }

    /** One build of the codec. */
    private static final class Build {

        private final Object codec;
        private final Method encode;
        private final Method decode;
        private final Method type;
        private final Method json;
        private final Method value;

        Build(ClassLoader loader, Type declared) throws ReflectiveOperationException {
            Class<?> types = loader.loadClass("io.tinyllm.cache.codec.ValueTypes");
            Object allowed = types.getConstructor(Collection.class, ClassLoader.class)
                    .newInstance(List.of(), CodecCost.class.getClassLoader());
            types.getMethod("declare", String.class, Type.class).invoke(allowed, "c", declared);
            Class<?> limits = loader.loadClass("io.tinyllm.cache.codec.ValueLimits");
            Constructor<?> constructor =
                    loader.loadClass("io.tinyllm.cache.codec.ValueCodec").getConstructor(types, limits, List.class);
            codec = constructor.newInstance(allowed, limits.getField("DEFAULT").get(null), List.of());
            encode = codec.getClass().getMethod("encode", String.class, Object.class);
            decode = codec.getClass().getMethod("decode", String.class, String.class, byte[].class);
            type = encode.getReturnType().getMethod("type");
            json = encode.getReturnType().getMethod("json");
            value = decode.getReturnType().getMethod("value");
        }

        Object encode(Object object) throws ReflectiveOperationException {
            return encode.invoke(codec, "c", object);
        }

        Object decode(Object encoded) throws ReflectiveOperationException {
            return decode.invoke(codec, "c", type.invoke(encoded), json.invoke(encoded));
        }

        byte[] json(Object encoded) throws ReflectiveOperationException {
            return (byte[]) json.invoke(encoded);
        }
    }

    private interface Step {
        Object run() throws ReflectiveOperationException;
    }

    private static double micros(Step step, int times) throws ReflectiveOperationException {
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < times; i++) {
            if (step.run() == CodecCost.class) {
                throw new AssertionError();
            }
        }
        return (threads.getCurrentThreadCpuTime() - before) / 1_000.0 / times;
    }

    public static void main(String[] arguments) throws Exception {
        URL[] old = {new File(arguments[0]).toURI().toURL()};
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 25;
        ClassLoader before = new URLClassLoader(old, CodecCost.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (name.startsWith("io.tinyllm.cache.codec.Value")
                        || name.matches("io.tinyllm.cache.codec.[A-Z]\\w+(\\$\\w+)?")
                                && !name.startsWith(CodecCost.class.getName())) {
                    Class<?> loaded = findLoadedClass(name);
                    return loaded != null ? loaded : findClass(name);
                }
                return super.loadClass(name, resolve);
            }
        };
        for (Map.Entry<String, Object> entry : values().entrySet()) {
            if (arguments.length > 2 && !List.of(arguments[2].split(",")).contains(entry.getKey())) {
                continue;
            }
            Type declared = Values.class.getDeclaredMethod(entry.getKey()).getGenericReturnType();
            Object object = entry.getValue();
            Build[] builds = {new Build(before, declared), new Build(CodecCost.class.getClassLoader(), declared)};
            double[][] best = {{1e9, 1e9}, {1e9, 1e9}};
            Object[] encoded = {builds[0].encode(object), builds[1].encode(object)};
            for (int i = 0; i < 2; i++) {
                if (builds[i].value.invoke(builds[i].decode(encoded[i])) == null) {
                    throw new InvocationTargetException(null, entry.getKey());
                }
            }
            int times = builds[0].json(encoded[0]).length > 8_000 ? 60 : 600;
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 2; i++) {
                    Build build = builds[i];
                    Object stored = encoded[i];
                    best[i][0] = Math.min(best[i][0], micros(() -> build.encode(object), times));
                    best[i][1] = Math.min(best[i][1], micros(() -> build.decode(stored), times));
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-10s before %7.2f + %7.2f us %6d B   now %7.2f + %7.2f us %6d B   encode x%.2f both x%.2f%n",
                    entry.getKey(),
                    best[0][0],
                    best[0][1],
                    builds[0].json(encoded[0]).length,
                    best[1][0],
                    best[1][1],
                    builds[1].json(encoded[1]).length,
                    best[1][0] / best[0][0],
                    (best[1][0] + best[1][1]) / (best[0][0] + best[0][1]));
        }
    }
}
