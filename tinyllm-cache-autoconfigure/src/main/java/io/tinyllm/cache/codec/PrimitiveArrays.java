package io.tinyllm.cache.codec;

import java.nio.ByteBuffer;
import java.util.function.Function;

/** The forms of arrays of primitive values: their bytes, big end first, in base64. Stateless. */
final class PrimitiveArrays {

    private PrimitiveArrays() {}

    static void addTo(JdkKinds.Table table) {
        add(table, "byte[]", byte[].class, 1, array -> array, bytes -> bytes);
        add(
                table,
                "short[]",
                short[].class,
                Short.BYTES,
                array -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Short.BYTES * array.length);
                    bytes.asShortBuffer().put(array);
                    return bytes.array();
                },
                bytes -> {
                    short[] array = new short[bytes.length / Short.BYTES];
                    ByteBuffer.wrap(bytes).asShortBuffer().get(array);
                    return array;
                });
        add(
                table,
                "char[]",
                char[].class,
                Character.BYTES,
                array -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Character.BYTES * array.length);
                    bytes.asCharBuffer().put(array);
                    return bytes.array();
                },
                bytes -> {
                    char[] array = new char[bytes.length / Character.BYTES];
                    ByteBuffer.wrap(bytes).asCharBuffer().get(array);
                    return array;
                });
        add(
                table,
                "int[]",
                int[].class,
                Integer.BYTES,
                array -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * array.length);
                    bytes.asIntBuffer().put(array);
                    return bytes.array();
                },
                bytes -> {
                    int[] array = new int[bytes.length / Integer.BYTES];
                    ByteBuffer.wrap(bytes).asIntBuffer().get(array);
                    return array;
                });
        add(
                table,
                "long[]",
                long[].class,
                Long.BYTES,
                array -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * array.length);
                    bytes.asLongBuffer().put(array);
                    return bytes.array();
                },
                bytes -> {
                    long[] array = new long[bytes.length / Long.BYTES];
                    ByteBuffer.wrap(bytes).asLongBuffer().get(array);
                    return array;
                });
        add(
                table,
                "float[]",
                float[].class,
                Float.BYTES,
                array -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * array.length);
                    bytes.asFloatBuffer().put(array);
                    return bytes.array();
                },
                bytes -> {
                    float[] array = new float[bytes.length / Float.BYTES];
                    ByteBuffer.wrap(bytes).asFloatBuffer().get(array);
                    return array;
                });
        add(
                table,
                "double[]",
                double[].class,
                Double.BYTES,
                array -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * array.length);
                    bytes.asDoubleBuffer().put(array);
                    return bytes.array();
                },
                bytes -> {
                    double[] array = new double[bytes.length / Double.BYTES];
                    ByteBuffer.wrap(bytes).asDoubleBuffer().get(array);
                    return array;
                });
        add(table, "boolean[]", boolean[].class, 1, PrimitiveArrays::bytes, PrimitiveArrays::booleans);
    }

    private static <A> void add(
            JdkKinds.Table table,
            String tag,
            Class<A> type,
            int width,
            Function<A, byte[]> write,
            Function<byte[], A> read) {
        table.addClass(table.add(new PrimitiveArray<>(tag, type, width, write, read)), type.getName());
    }

    private static byte[] bytes(boolean[] array) {
        byte[] bytes = new byte[array.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (array[i] ? 1 : 0);
        }
        return bytes;
    }

    private static boolean[] booleans(byte[] bytes) {
        boolean[] array = new boolean[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = bytes[i] != 0;
        }
        return array;
    }

    private static final class PrimitiveArray<A> extends Form {

        private final Class<A> type;
        private final int width;
        private final Function<A, byte[]> write;
        private final Function<byte[], A> read;

        PrimitiveArray(String tag, Class<A> type, int width, Function<A, byte[]> write, Function<byte[], A> read) {
            super(tag);
            this.type = type;
            this.width = width;
            this.write = write;
            this.read = read;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            if (java.lang.reflect.Array.getLength(value) > GraphWriter.MOST_BYTES / width) {
                throw new Refusal("an array that is too long");
            }
            out.bytes(write.apply(type.cast(value)));
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            byte[] bytes = in.bytes();
            if (bytes.length % width != 0) {
                throw new UnreadableException("half an element");
            }
            return read.apply(bytes);
        }
    }
}
